"""Tables of known forums with the columns of their installers, as published; only those that are stored here.

From the installers and migrations of the projects (phpBB, MyBB, SMF, Discourse) and from published schema files and
upgrade code (XenForo, vBulletin, Invision Community): names only.
"""

_XENFORO = {
    "user": (
        "user_id username email gender custom_title timezone user_group_id secondary_group_ids message_count "
        "register_date last_activity user_state is_moderator is_admin is_banned is_staff warning_points"
    ),
    "user_authenticate": "user_id scheme_class data remember_key",
    "user_profile": (
        "user_id dob_day dob_month dob_year signature homepage location occupation following ignored about"
    ),
    "user_field_value": "user_id field_id field_value",
    "user_group": "user_group_id title",
    "user_ban": "user_id ban_user_id ban_date end_date user_reason",
    "post": (
        "post_id thread_id user_id username post_date message ip_id message_state attach_count position "
        "last_edit_date last_edit_user_id edit_count"
    ),
    "thread": "thread_id node_id title user_id username post_date discussion_state first_post_id last_post_date",
    "node": "node_id title node_type_id parent_node_id",
    "deletion_log": "content_type content_id delete_date delete_user_id delete_reason",
    "ip": "ip_id user_id content_type content_id action ip log_date",
    "session_activity": "user_id ip view_date",
    "admin_log": "user_id ip_address request_date request_url request_data",
    "moderator_log": "user_id ip_address action action_params log_date",
    "conversation_master": "conversation_id title user_id username start_date recipients first_message_id",
    "conversation_message": "message_id conversation_id message_date user_id username message attach_count ip_id",
    "conversation_recipient": "conversation_id user_id recipient_state last_read_date",
    "attachment": "attachment_id data_id content_type content_id attach_date temp_hash unassociated view_count",
    "attachment_data": "data_id user_id upload_date filename file_size file_hash width height attach_count",
    "user_upgrade": "user_upgrade_id title cost_amount cost_currency length_amount length_unit extra_group_ids",
    "user_upgrade_active": "user_upgrade_record_id user_id user_upgrade_id extra start_date end_date",
}
SCHEMAS: dict[str, dict[str, str]] = {
    "phpbb3": {
        "users": (
            "user_id user_type group_id user_permissions user_ip user_regdate username username_clean "
            "user_password user_passchg user_email user_birthday user_lastvisit user_last_active "
            "user_lastpost_time user_lastpage user_last_search user_warnings user_login_attempts "
            "user_inactive_reason user_inactive_time user_posts user_lang user_timezone user_rank user_avatar "
            "user_sig user_jabber user_actkey user_actkey_expiration reset_token"
        ),
        "posts": (
            "post_id topic_id forum_id poster_id icon_id poster_ip post_time post_visibility post_reported "
            "post_username post_subject post_text post_checksum post_attachment bbcode_bitfield bbcode_uid "
            "post_edit_time post_edit_reason post_edit_user post_edit_count post_delete_time "
            "post_delete_reason post_delete_user"
        ),
        "topics": (
            "topic_id forum_id topic_title topic_poster topic_time topic_views topic_first_post_id "
            "topic_first_poster_name topic_last_post_id topic_last_poster_id topic_last_post_time "
            "topic_moved_id"
        ),
        "forums": "forum_id parent_id left_id right_id forum_name forum_desc forum_password forum_type",
        "privmsgs": (
            "msg_id root_level author_id author_ip message_time message_subject message_text "
            "message_attachment message_reported message_edit_time to_address bcc_address"
        ),
        "privmsgs_to": (
            "msg_id user_id author_id pm_deleted pm_new pm_unread pm_replied pm_marked pm_forwarded folder_id"
        ),
        "attachments": (
            "attach_id post_msg_id topic_id in_message poster_id is_orphan physical_filename real_filename "
            "download_count attach_comment extension mimetype filesize filetime thumbnail"
        ),
        "sessions": (
            "session_id session_user_id session_last_visit session_start session_time session_ip "
            "session_browser session_forwarded_for session_page session_admin"
        ),
        "sessions_keys": "key_id user_id last_ip last_login",
        "login_attempts": (
            "attempt_ip attempt_browser attempt_forwarded_for attempt_time user_id username username_clean"
        ),
        "log": "log_id log_type user_id forum_id topic_id post_id reportee_id log_ip log_time log_operation log_data",
        "groups": "group_id group_name group_type",
        "user_group": "group_id user_id group_leader user_pending",
        "moderator_cache": "forum_id user_id username group_id group_name",
        "acl_users": "user_id forum_id auth_option_id auth_role_id auth_setting",
        "acl_groups": "group_id forum_id auth_option_id auth_role_id auth_setting",
        "banlist": "ban_id ban_userid ban_ip ban_email ban_start ban_end ban_reason",
        "zebra": "user_id zebra_id friend foe",
        "reports": "report_id post_id pm_id user_id report_time report_text reported_post_text",
        "poll_votes": "topic_id vote_user_id vote_user_ip",
        "oauth_accounts": "user_id provider oauth_provider_id",
        "warnings": "warning_id user_id post_id log_id warning_time",
        "drafts": "draft_id user_id save_time draft_subject draft_message",
        "profile_fields_data": "user_id pf_phpbb_location pf_phpbb_website pf_phpbb_icq",
    },
    "mybb": {
        "users": (
            "uid username password salt loginkey email postnum threadnum avatar usergroup additionalgroups "
            "displaygroup usertitle regdate lastactive lastvisit lastpost website icq skype google birthday "
            "signature buddylist ignorelist pmfolders notepad referrer referrals reputation regip lastip "
            "language timezone timeonline"
        ),
        "posts": (
            "pid tid replyto fid subject icon uid username dateline message ipaddress edituid edittime "
            "editreason visible"
        ),
        "threads": (
            "tid fid subject prefix uid username dateline firstpost lastpost lastposter lastposteruid views "
            "replies closed sticky visible attachmentcount deletetime"
        ),
        "forums": "fid name description type pid parentlist password",
        "privatemessages": (
            "pmid uid toid fromid recipients folder subject message dateline deletetime status statustime "
            "receipt readtime ipaddress"
        ),
        "attachments": (
            "aid pid posthash uid filename filetype filesize attachname downloads dateuploaded visible thumbnail"
        ),
        "sessions": "sid uid ip time location useragent",
        "adminsessions": "sid uid loginkey ip dateline lastactive useragent",
        "adminlog": "uid ipaddress dateline module action data",
        "moderatorlog": "uid dateline fid tid pid action data ipaddress",
        "maillogs": "fromuid fromemail touid toemail subject message dateline ipaddress",
        "searchlog": "uid dateline ipaddress keywords",
        "spamlog": "username email ipaddress dateline",
        "pollvotes": "pid uid dateline ipaddress",
        "reputation": "rid uid adduid pid reputation dateline comments",
        "banned": "uid gid admin dateline bantime lifted reason",
        "usergroups": "gid title cancp issupermod",
        "moderators": "mid fid id isgroup",
        "buddyrequests": "uid touid",
        "userfields": "ufid fid1 fid2 fid3",
    },
    "smf2": {
        "members": (
            "id_member member_name real_name date_registered posts id_group additional_groups last_login "
            "passwd password_salt email_address personal_text birthdate website_url signature avatar "
            "member_ip member_ip2 secret_question is_activated validation_code buddy_list pm_ignore_list "
            "total_time_logged_in timezone warning"
        ),
        "messages": (
            "id_msg id_topic id_board poster_time id_member id_msg_modified subject poster_name poster_email "
            "poster_ip modified_time modified_name body approved likes"
        ),
        "topics": "id_topic id_board id_first_msg id_last_msg id_member_started num_replies num_views approved",
        "boards": "id_board id_cat id_parent name description member_groups",
        "personal_messages": "id_pm id_pm_head id_member_from deleted_by_sender from_name msgtime subject body",
        "pm_recipients": "id_pm id_member bcc is_read is_new deleted in_inbox",
        "attachments": (
            "id_attach id_thumb id_msg id_member id_folder attachment_type filename file_hash fileext size "
            "downloads width height mime_type approved"
        ),
        "member_logins": "id_login id_member time ip ip2",
        "log_online": "session log_time id_member ip url",
        "log_actions": "id_action id_log log_time id_member ip action id_board id_topic id_msg extra",
        "log_banned": "id_ban_log id_member ip email log_time",
        "log_errors": "id_error log_time id_member ip url message",
        "log_reported_comments": "id_comment id_report id_member membername member_ip comment time_sent",
        "ban_items": "id_ban id_ban_group ip_low ip_high email_address id_member",
        "user_likes": "id_member content_type content_id like_time",
        "moderators": "id_board id_member",
        "membergroups": "id_group group_name",
        "subscriptions": "id_subscribe name description cost length id_group",
        "log_subscribed": (
            "id_sublog id_subscribe id_member start_time end_time status payments_pending pending_details vendor_ref"
        ),
    },
    "xenforo1": _XENFORO
    | {
        "user_upgrade_log": (
            "user_upgrade_log_id user_upgrade_record_id processor transaction_id subscriber_id "
            "transaction_type message transaction_details log_date"
        ),
        "user_external_auth": "user_id provider provider_key extra_data",
    },
    "xenforo2": _XENFORO
    | {
        "payment_provider_log": (
            "provider_log_id purchase_request_key provider_id transaction_id subscriber_id log_type "
            "log_message log_details log_date"
        ),
        "purchase_request": "purchase_request_id request_key user_id provider_id cost_amount cost_currency",
        "payment_profile": "payment_profile_id provider_id title",
    },
    "vbulletin": {
        "user": (
            "userid username password salt email joindate lastvisit lastactivity usergroupid membergroupids "
            "usertitle posts referrerid ipaddress birthday_search homepage icq aim yahoo"
        ),
        "userfield": "userid field1 field2",
        "usertextfield": "userid pmfolders signature",
        "usergroup": "usergroupid title adminpermissions",
        "userban": "userid usergroupid adminid bandate liftdate reason",
        "forum": "forumid title description parentid",
        "thread": "threadid title forumid postuserid postusername dateline firstpostid lastpost open visible",
        "post": "postid threadid userid username dateline title pagetext ipaddress visible",
        "deletionlog": "primaryid type userid username reason dateline",
        "pm": "pmid pmtextid userid folderid messageread parentpmid",
        "pmtext": "pmtextid fromuserid fromusername title message touserarray dateline",
        "attachment": "attachmentid userid postid dateline filename filedata filesize filehash visible counter",
        "subscriptionlog": "subscriptionlogid subscriptionid userid status regdate expirydate",
    },
    "vbulletin5": {
        "user": (
            "userid username token scheme secret email joindate lastvisit lastactivity usergroupid "
            "membergroupids usertitle posts referrerid ipaddress birthday_search homepage icq aim yahoo"
        ),
        "userfield": "userid field1 field2",
        "usertextfield": "userid pmfolders signature",
        "usergroup": "usergroupid title adminpermissions",
        "node": "nodeid parentid contenttypeid userid authorname title publishdate ipaddress starter",
        "text": "nodeid rawtext",
        "contenttype": "contenttypeid class",
        "sentto": "nodeid userid deleted msgread",
        "attach": "nodeid filedataid filename",
        "filedata": "filedataid userid filedata filesize filehash extension dateline",
    },
    "discourse": {
        "users": (
            "id username username_lower name admin moderator active approved trust_level ip_address "
            "registration_ip_address created_at first_seen_at last_seen_at last_posted_at last_emailed_at "
            "previous_visit_at suspended_at suspended_till silenced_till staged title locale date_of_birth "
            "primary_group_id uploaded_avatar_id"
        ),
        "user_emails": "id user_id email primary normalized_email",
        "posts": (
            "id user_id topic_id post_number raw cooked created_at updated_at deleted_at deleted_by_id "
            "user_deleted reply_to_user_id raw_email hidden_at edit_reason version"
        ),
        "topics": "id title user_id archetype category_id created_at deleted_at visible",
        "topic_allowed_users": "id user_id topic_id",
        "topic_allowed_groups": "id group_id topic_id",
        "uploads": (
            "id user_id original_filename filesize width height url created_at sha1 original_sha1 origin "
            "extension secure access_control_post_id"
        ),
        "upload_references": "id upload_id target_type target_id created_at",
        "user_auth_tokens": "id user_id client_ip user_agent rotated_at seen_at created_at impersonated_user_id",
        "user_auth_token_logs": "id action user_auth_token_id user_id client_ip user_agent path created_at",
    },
    "ipboard4": {
        "core_members": "member_id name email joined ip_address last_activity member_group_id member_banned title",
        "core_groups": "g_id",
        "forums_topics": "tid title start_date starter_id forum_id views pinned topic_firstpost",
        "forums_posts": "pid topic_id author_id ip_address post post_date edit_time",
        "core_message_topics": "mt_id mt_title mt_date mt_starter_id mt_is_deleted",
        "core_message_posts": "msg_id msg_topic_id msg_author_id msg_date msg_post msg_ip_address",
        "core_message_topic_user_map": "map_topic_id map_user_id map_user_active",
        "core_attachments": "attach_id attach_file attach_location attach_filesize attach_date attach_member_id",
        "core_members_known_ip_addresses": "device_key member_id ip_address last_seen",
    },
}


def tables(software, prefix=""):
    """Return the tables of a software with their columns, as a dump of it with that prefix has them."""
    return {prefix + name: columns.split() for name, columns in SCHEMAS[software].items()}
