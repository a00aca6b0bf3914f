"""A shop in WordPress and the exports of wallets beside it, in a case: orders with customers, keys, sealed secrets."""

import json

import pytest

from money.walked_case import done, said
from vigie.numeric.coins import descriptors, extended

ADDRESS = "bc1qcr8te4kr609gcawutmrza0j4xv80jy8z306fyu"
OTHER = "bc1qnjg0jd8228aq7egyzacy8cys3knf9xvrerkf9g"
ZPUB = "zpub6rFR7y4Q2AijBEqTUquhVz398htDFrtymD9xYYfG1m4wAcvPhXNfE3EfH1r1ADqtfSdVCToUG868RvUUkgDKf31mGDtKsAYz2oz2AGutZYs"
XPUB = extended.read(ZPUB).text
PLAIN = f"wpkh([73c5da0a/84h/0h/0h]{XPUB}/0/*)"
DESCRIPTOR = f"{PLAIN}#{descriptors.checksum(PLAIN)}"
BOTH = PLAIN.replace("/0/*", "/<0;1>/*")
SEED = "legal winner thank year wave sausage worth useful legal winner thank yellow"
DUMP = f"""-- MySQL dump 10.13  Distrib 8.0.36, for Linux (x86_64)
CREATE TABLE `wp_users` (`ID` bigint unsigned NOT NULL, `user_login` varchar(60), `user_pass` varchar(255),
  `user_nicename` varchar(50), `user_email` varchar(100), `user_registered` datetime, `display_name` varchar(250));
INSERT INTO `wp_users` VALUES (5,'buyer','$P$Bx','buyer','b@example.org','2023-01-01 00:00:00','Buyer');
CREATE TABLE `wp_posts` (`ID` bigint unsigned NOT NULL, `post_date_gmt` datetime, `post_type` varchar(20), `post_status` varchar(20));
INSERT INTO `wp_posts` VALUES (7,'2023-11-14 22:13:20','shop_order','wc-completed'),(8,'2023-11-14 22:13:20','page','publish');
CREATE TABLE `wp_postmeta` (`meta_id` bigint unsigned NOT NULL, `post_id` bigint unsigned, `meta_key` varchar(255), `meta_value` longtext);
INSERT INTO `wp_postmeta` VALUES (1,7,'_customer_user','5'),(2,7,'bitcoins_address','{ADDRESS}'),(3,7,'_order_total','25.00');
CREATE TABLE `wp_woocommerce_order_items` (`order_item_id` bigint unsigned NOT NULL, `order_item_name` text, `order_item_type` varchar(200), `order_id` bigint unsigned);
INSERT INTO `wp_woocommerce_order_items` VALUES (1,'Access','line_item',7);
CREATE TABLE `wp_blockonomics_payments` (`order_id` int, `payment_status` int, `crypto` varchar(3), `address` varchar(191), `txid` varchar(191), `currency` varchar(3), `expected_fiat` double, `expected_satoshi` bigint, `paid_satoshi` bigint);
INSERT INTO `wp_blockonomics_payments` VALUES (7,2,'btc','{OTHER}','{"ab" * 32}','EUR',25,81000,81000);
"""  # noqa: E501 - lines of a dump
EXPORTS = {
    # Specter Desktop: a wallet's backup. Sparrow, Nunchuk: a descriptor. Coldcard: generic JSON. BlueWallet. Wasabi 2
    "specter.json": json.dumps({"label": "Shop", "blockheight": 700_000, "descriptor": DESCRIPTOR, "devices": []}),
    "sparrow.txt": f"# Receive and change descriptor (BIP389):\n{BOTH}#{descriptors.checksum(BOTH)}\n",
    "coldcard.json": json.dumps({"chain": "BTC", "xfp": "73C5DA0A", "bip84": {"_pub": ZPUB, "deriv": "m/84'/0'/0'"}}),
    "bluewallet.json": json.dumps({"wallets": [{"type": "HDsegwitBech32", "secret": SEED, "_xpub": ZPUB}]}),
    "Shop.json": json.dumps({
        "EncryptedSecret": "6PYWpd7JPHB9rfxdB7DLy3opw9tgwm9QgJhWB6yEnLeG8qhWN6BFQ1g", "ChainCode": "aGVsbG8=",
        "MasterFingerprint": "73c5da0a", "ExtPubKey": XPUB, "TaprootExtPubKey": None, "MinGapLimit": 21,
        "AccountKeyPath": "84'/0'/0'", "TaprootAccountKeyPath": "86'/0'/0'",
        "BlockchainState": {"Network": "Main", "Height": "800000"}, "HdPubKeys": [],
    }),
}  # fmt: skip


@pytest.fixture(scope="module")
def case(tmp_path_factory):
    room = tmp_path_factory.mktemp("shop")
    (room / "server").mkdir()
    for name, text in {**EXPORTS, "shop.sql": DUMP}.items():
        (room / "server" / name).write_text(text)
    for words in (
        ["new", room / "case", "--authority", "A", "--examiner", "E"],
        ["add", room / "case", room / "server"],
    ):
        done(None, *words)
    done(None, "run", room / "case")
    return room / "case"


def test_orders_of_woocommerce_have_address_and_customer(case, capsys):
    rows = said(capsys, "show", case, "payments", "--with-contact")["rows"]
    assert {(one["account"], one["address"]) for one in rows if one["address"]} >= {("5", ADDRESS), ("5", OTHER)}
    platform = said(capsys, "show", case, "platforms")["rows"]
    assert [one["software"] for one in platform] == ["woocommerce"]
    settled = said(capsys, "show", case, "settlements")["rows"]
    assert {one["account"] for one in settled} == {"5"}, "by the order's own row"
    watched = {one["address"] for one in said(capsys, "show", case, "watched", "--limit", "20000")["rows"]}
    assert {ADDRESS, OTHER} <= watched


def test_keys_in_exports_are_derived_and_seeds_sealed(case, capsys):
    found = said(capsys, "show", case, "sightings", "--with-contact")["rows"]
    assert {one["kind"] for one in found} >= {"descriptor", "xpub"}
    derived = said(capsys, "show", case, "derived", "--where", f"address = '{ADDRESS}'")["rows"]
    assert derived, "the first address of that key"
    (wallet,) = said(capsys, "show", case, "wallets")["rows"]
    assert (wallet["kind"], wallet["encrypted"], wallet["keys"], wallet["secrets"]) == ("wasabi", True, 2, 1)
    sealed = said(capsys, "secrets", case)["secrets"]
    assert len(sealed) == 2, "Wasabi's, and the seed of BlueWallet"
    assert not any(SEED.encode() in one.read_bytes() for one in case.rglob("*") if one.is_file())
