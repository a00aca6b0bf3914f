/* What stands round the marks of identifiers.c, and how far it reaches: ../identifiers_look.py, whose loops in numba do the
   same, say why, and are the judge in the tests. Nothing outside of text[low:high), the row, is looked at. */
#include "ascii.h"
#include "vec16.h"

enum place { /* ../identifiers_scan.py */
    P_AT = 1, P_SCHEME, P_PLUS, P_ZEROS, P_ARMOR, P_ENTITY, P_PREFIX, P_BRACKET, P_DOT, P_ARROBA, P_IBAN, P_ONION, P_LINK,
    P_NATIONAL, P_DESCRIPTOR, P_WORD, P_RUN = 62, P_GROUPS,
};
enum kind {
    MAIL, HANDLE, HIDDEN, URL, ARMOR, RUN, PHONE, IBAN, GROUPS, KEY_ID, ONION, LINK, PHRASE, NATIONAL, DESCRIPTOR, GLUED, WORD,
};

#define MOST 20000
#define LEAST_RUN 25
#define MOST_LOCAL 64
#define MOST_DOMAIN 255
#define MOST_URL 2048
#define MOST_PHONE 40
#define MOST_HANDLE 64
#define MOST_RUN 4096
#define MOST_DESCRIPTOR 2048
#define MOST_GLUED 200

struct span {
    int64_t start, end;
};

struct mark {
    int64_t start, end, what;
};

struct candidate {
    int64_t row, start, end, what;
};

/* In which row the last was, and how many candidates that row has. */
struct held {
    int64_t row, many;
};

struct words {
    const uint8_t *text;
    const int64_t *ends, *places;
};

static const struct span NOTHING = {-1, -1};

static inline uint8_t lower(uint8_t byte) { return (uint8_t)(byte - 'A') < 26 ? byte | 32 : byte; }

/* Is the byte one of those of a short text? */
static inline int among(uint8_t byte, const char *some) {
    for (; *some; some++)
        if (byte == (uint8_t)*some) return 1;
    return 0;
}

static struct span mail(const uint8_t *text, int64_t at, int64_t low, int64_t high) {
    int64_t start = at, end = at + 1, dots = 0;
    while (start > low && at - start < MOST_LOCAL) {
        const uint8_t byte = text[start - 1];
        if (!alnum(byte) && !among(byte, "._%+-~")) break;
        if (byte == '.' && start < at && text[start] == '.') break;
        start--;
    }
    while (start < at && !alnum(text[start]) && text[start] != '_') start++;
    if (start == at || text[at - 1] == '.') return NOTHING;
    while (end < high && end - at <= MOST_DOMAIN) {
        const uint8_t byte = text[end];
        if (byte == '.') {
            if (text[end - 1] == '.' || text[end - 1] == '@') break;
            dots++;
        } else if (!alnum(byte) && byte != '-' && byte < 128) {
            break;
        }
        end++;
    }
    while (end > at + 1 && (text[end - 1] == '.' || text[end - 1] == '-')) {
        dots -= text[end - 1] == '.';
        end--;
    }
    return end == at + 1 || !dots ? NOTHING : (struct span){start, end};
}

static struct span handle(const uint8_t *text, int64_t at, int64_t low, int64_t high) {
    int64_t end = at + 1;
    if (at > low && (alnum(text[at - 1]) || among(text[at - 1], "._@"))) return NOTHING;
    while (end < high && end - at < MOST_HANDLE && (alnum(text[end]) || among(text[end], "_.-"))) end++;
    while (text[end - 1] == '.' || text[end - 1] == '-') end--;
    return end > at + 2 ? (struct span){at, end} : NOTHING;
}

static struct span url(const uint8_t *text, int64_t at, int64_t low, int64_t high) {
    int64_t start = at, end = at + 3;
    if (at + 3 >= high || text[at + 1] != '/' || text[at + 2] != '/') return NOTHING;
    while (start > low && at - start < 8 && letter(text[start - 1])) start--;
    if (at - start < 2) return NOTHING;
    while (end < high && end - start < MOST_URL && text[end] > 32 && !among(text[end], "\"<>[\\]`{}")) end++;
    return end > at + 6 ? (struct span){start, end} : NOTHING;
}

static struct span phone(const uint8_t *text, int64_t at, int64_t low, int64_t high, int least) {
    int64_t end = at;
    int many = 0, gap = 0;
    if (at > low && (alnum(text[at - 1]) || among(text[at - 1], "+._=%/"))) return NOTHING;
    for (int64_t i = at + (text[at] == '+'); i < high && i - at < MOST_PHONE && many < 18; i++) {
        const uint8_t byte = text[i];
        if (digit(byte)) {
            many++;
            gap = 0;
            end = i + 1;
        } else if (among(byte, " ()-./") && gap < 3) {
            gap++;
        } else if (byte == 0xC2 && i + 1 < high && text[i + 1] == 0xA0 && gap < 3) {
            gap++;
            i++;
        } else {
            break;
        }
    }
    return many < least || (end < high && alnum(text[end])) ? NOTHING : (struct span){at, end};
}

static struct span iban(const uint8_t *text, int64_t at, int64_t low, int64_t high) {
    const int64_t start = at - 3;
    int64_t end = at + 1;
    if (start < low || !digit(text[at]) || (uint8_t)(text[start] - 'A') >= 26 || (start > low && alnum(text[start - 1])))
        return NOTHING;
    int many = 4;
    for (int64_t i = at + 1; i < high && many < 34; i++) {
        if (alnum(text[i])) {
            many++;
            end = i + 1;
        } else if (text[i] != ' ' || i + 1 >= high || !alnum(text[i + 1])) {
            break;
        }
    }
    return many >= 15 ? (struct span){start, end} : NOTHING;
}

static struct span announced(const uint8_t *text, int64_t start, int64_t low, int64_t high, const uint8_t *word, int64_t size) {
    if (start < low || start + size > high) return NOTHING;
    const int latin = word[0] < 128;
    for (int64_t i = size - 1; i >= 0; i--)
        if (lower(text[start + i]) != word[i] && (latin || i > 1)) return NOTHING;
    return latin && start > low && letter(text[start - 1]) ? NOTHING : (struct span){start, start + size};
}

/* Of text[start:end), which has 16 bytes or more: are all hexadecimal digits, or none one that base 58 leaves out? The last 16
   are looked at once more. */
static int all_hexadecimal(const uint8_t *text, int64_t start, int64_t end) {
    vec16 right = ~(vec16){0};
    for (int last = 0; !last; start += 16) {
        last = start + 16 >= end;
        const vec16 of = vec16_at(text + (last ? end - 16 : start));
        right &= vec16_within(of, '0', 10) | vec16_within(of | 32, 'a', 6);
    }
    return vec16_bits(right) == 0xffff;
}

static int all_base58(const uint8_t *text, int64_t start, int64_t end) {
    vec16 wrong = {0};
    for (int last = 0; !last; start += 16) {
        last = start + 16 >= end;
        const vec16 of = vec16_at(text + (last ? end - 16 : start));
        wrong |= (vec16)(of == '0') | (vec16)(of == 'O') | (vec16)(of == 'I') | (vec16)(of == 'l');
    }
    return !vec16_bits(wrong);
}

static inline int starts(const uint8_t *text, char a, char b, char c) {
    return (text[0] | 32) == (uint8_t)a && (text[1] | 32) == (uint8_t)b && text[2] == (uint8_t)c;
}

static int worth(const uint8_t *text, int64_t start, int64_t end) {
    const int64_t many = end - start;
    if (many < LEAST_RUN || many > MOST_RUN) return 0;
    const uint8_t *run = text + start, first = run[0], second = run[1], third = run[2] | 32;
    if ((first | 32) == 'l' && (second | 32) == 'n' && (third == 'b' || third == 't' || third == 's')) return many >= 100;
    if (starts(run + ((first | 32) == 't'), 's', 'p', '1')) return 110 <= many && many <= 1023;
    if (many > 112) return 0;
    if ((many == 40 || many == 64 || many == 76 || (many == 66 && first == '0' && second == '5'))
        && all_hexadecimal(text, start, end))
        return 1; /* it may begin as an address does */
    if (starts(run, 't', 'b', '1')) return many >= 42;
    if ((first | 32) == 'b' && (second | 32) == 'c' && third == 'r' && run[4] == '1') return many >= 44;
    if (starts(run, 'b', 'c', '1')) return many >= 42;
    if ((first | 32) == 'l' && (second | 32) == 't' && third == 'c' && run[3] == '1') return many >= 42;
    if ((many == 42 || many == 66) && first == '0' && (second | 32) == 'x') return all_hexadecimal(text, start + 2, end);
    if (many <= 36) return among(first, "123LMDTA9mn") && all_base58(text, start, end);
    if (many == 51 || many == 52) return among(first, "5KL9c") && all_base58(text, start, end);
    if (many == 58) return first == '6' && second == 'P' && all_base58(text, start, end);
    if (many == 95 || many == 106) return (first == '4' || first == '8') && all_base58(text, start, end);
    if ((many != 111 && many != 112) || !all_base58(text, start, end)) return 0;
    return (run[2] == 'r' && run[3] == 'v') || (run[2] == 'u' && run[3] == 'b');
}

static int64_t escaped(const uint8_t *text, int64_t at, int64_t low, int64_t end) {
    if (at > low && (text[at - 1] == '%' || text[at - 1] == '=') && end - at > 2 && hexadecimal(text[at])
        && hexadecimal(text[at + 1]))
        return at + 2;
    if (at > low && text[at - 1] == '\\' && end - at > 5) return at + (text[at] == 'u' ? 5 : text[at] == 'x' ? 3 : 1);
    return at;
}

static struct span descriptor(const uint8_t *text, int64_t at, int64_t low, int64_t high) {
    if (at - 1 < low || at + 9 > high || (at + 9 < high && alnum(text[at + 9]))) return NOTHING;
    for (int64_t i = at + 1; i < at + 9; i++)
        if (!alnum(text[i])) return NOTHING;
    int64_t depth = 0, i = at - 1;
    for (; i >= low && at - i < MOST_DESCRIPTOR; i--) {
        const uint8_t byte = text[i];
        if (byte <= 32 || byte >= 127) return NOTHING;
        depth += (byte == ')') - (byte == '(');
        if (!depth) break;
    }
    const int64_t end = i;
    while (i > low && end - i < 12 && ((uint8_t)(text[i - 1] - 'a') < 26 || text[i - 1] == '_')) i--;
    return !depth && end - i >= 2 ? (struct span){i, at + 9} : NOTHING;
}

/* *go: until where all was seen. */
static struct span groups(const uint8_t *text, int64_t at, int64_t end, int64_t high, int64_t *go) {
    int64_t start = -1;
    int many = 0, letters = 0;
    while (at < end) {
        const int64_t first = at;
        for (; at < end && text[at] != ' '; at++) letters += text[at] > '9';
        const int whole = at - first == 4 && !(at == end && end < high && alnum(text[at]));
        const int64_t stop = at;
        if (whole && !many) start = first;
        many = whole ? many + 1 : 0;
        while (at < end && text[at] == ' ') at++;
        if (many == 10 && (at == end || at - stop > 2) && letters) {
            *go = at;
            return (struct span){start, stop};
        }
        if (!whole || at - stop > 2) many = letters = 0;
    }
    *go = end;
    return NOTHING;
}

static inline int is(const uint8_t *text, int64_t at, int64_t high, char a, char b, char c) {
    return at + 3 <= high && (text[at] | 32) == a && (text[at + 1] | 32) == b && (text[at + 2] | 32) == c;
}

static struct span hidden_entity(const uint8_t *text, int64_t at, int64_t high) {
    if (text[at] == '4') return at + 1 < high && text[at + 1] == '0' ? (struct span){at - 1, at + 2} : NOTHING; /* %40 */
    for (int64_t i = at + 1; i < (at + 5 < high ? at + 5 : high); i++)
        if ((text[i] == '4' || text[i] == '0') && i + 1 < high && text[i + 1] == ';') return (struct span){at - 1, i + 2};
    return NOTHING;
}

/* What stands round a place; *code says which kind it is. */
static struct span look(const uint8_t *text, int64_t what, int64_t at, int64_t low, int64_t high, const struct words *words,
                        int64_t *code) {
    *code = 0;
    if (at == low && what != P_AT && what != P_NATIONAL) return NOTHING; /* the byte before it is another row's */
    if (what >= P_WORD) {
        const int64_t word = what - P_WORD, first = words->ends[word];
        const struct span found =
            announced(text, at - words->places[word], low, high, words->text + first, words->ends[word + 1] - first);
        *code = WORD + word;
        return found.end == high && high == at + 1 && text[at] >= 128 ? NOTHING : found; /* what has to follow is another's */
    }
    switch ((enum place)what) {
        case P_AT: {
            const struct span found = mail(text, at, low, high);
            *code = MAIL;
            if (found.start >= 0) return found;
            *code = HIDDEN;
            if (at > low && among(text[at - 1], "[({ ") && at + 1 < high && among(text[at + 1], "])} "))
                return (struct span){at, at + 1};
            *code = HANDLE;
            return handle(text, at, low, high);
        }
        case P_DOT:
            *code = HIDDEN;
            return at - 3 >= low && (text[at - 2] | 32) == 'd' && !alnum(text[at - 3]) && at + 1 < high
                           && among(text[at + 1], " ])}")
                       ? (struct span){at - 2, at + 1}
                       : NOTHING;
        case P_ARROBA:
            *code = HIDDEN;
            return at - 3 >= low && is(text, at - 2, high, 'r', 'o', 'b') && at + 1 < high && (text[at + 1] | 32) == 'a'
                       ? (struct span){at - 3, at + 2}
                       : NOTHING;
        case P_BRACKET: {
            const int64_t start = at + (text[at] == ' ');
            *code = HIDDEN;
            return start + 1 < high && (text[start] | 32) == 'a' && ((text[start + 1] | 32) == 't' || text[start + 1] == ')')
                       ? (struct span){at - 1, start + 2}
                       : NOTHING;
        }
        case P_ENTITY:
            *code = HIDDEN;
            return hidden_entity(text, at, high);
        case P_SCHEME:
            *code = URL;
            return url(text, at - 1, low, high);
        case P_PLUS:
            *code = PHONE;
            return phone(text, at - 1, low, high, 8);
        case P_ZEROS:
            *code = PHONE;
            return at + 1 < high && text[at + 1] != '0' ? phone(text, at - 1, low, high, 10) : NOTHING;
        case P_NATIONAL:
            *code = NATIONAL;
            if (at > low && (alnum(text[at - 1]) || among(text[at - 1], "+.,:;/-_=&%$"))) return NOTHING;
            return phone(text, at - (at > low && text[at - 1] == '('), low, high, 7);
        case P_IBAN:
            *code = IBAN;
            return at + 1 < high ? iban(text, at + 1, low, high) : NOTHING;
        case P_ARMOR:
            *code = ARMOR;
            return at - 5 >= low && text[at - 5] == '-' && at + 5 < high && is(text, at, high, 'b', 'e', 'g')
                       ? (struct span){at - 5, at + 5}
                       : NOTHING;
        case P_PREFIX: {
            int64_t end = at + 1;
            while (end < high && end - at <= 17 && hexadecimal(text[end])) end++;
            *code = KEY_ID;
            return end - at == 17 && !(end < high && alnum(text[end])) ? (struct span){at - 1, end} : NOTHING;
        }
        case P_DESCRIPTOR:
            *code = DESCRIPTOR;
            return descriptor(text, at, low, high);
        case P_LINK:
            *code = LINK;
            return at - 2 >= low && (text[at - 2] | 32) == 't' && !(at - 3 >= low && alnum(text[at - 3])) && at + 2 < high
                           && (text[at + 1] | 32) == 'e' && text[at + 2] == '/'
                       ? (struct span){at - 2, at + 3}
                       : NOTHING;
        case P_ONION:
            *code = ONION;
            return at - 57 >= low && is(text, at, high, 'o', 'n', 'i')
                       ? (struct span){at - 57, at + 5 < high ? at + 5 : high}
                       : NOTHING;
        default: return NOTHING;
    }
}

static int64_t row_of(const int64_t *offsets, struct held *held, int64_t at) {
    int64_t row = held->row;
    while (at >= offsets[row + 1]) row++;
    if (row > held->row) *held = (struct held){row, 0};
    return row;
}

static int64_t keep(struct candidate *out, int64_t *left, struct held *held, int64_t many, struct span found, int64_t what) {
    if (found.start < 0) return many;
    if (held->many >= MOST) {
        left[held->row]++;
        return many;
    }
    held->many++;
    out[many] = (struct candidate){held->row, found.start, found.end, what};
    return many + 1;
}

/* Write what is worth a check at marks; how many it is. held[3]: for places, runs and groups; left[rows]: what a row has too
   much of; there is room for one for each place and for each LEAST_RUN bytes of a run. */
EXPORT int64_t look_at(const uint8_t *text, const int64_t *offsets, const struct mark *marks, int64_t size, const uint8_t *words,
                       const int64_t *word_ends, const int64_t *word_places, struct held *held, struct candidate *out,
                       int64_t *left, int glued) {
    const struct words of = {words, word_ends, word_places};
    int64_t many = 0;
    for (int64_t k = 0; k < size; k++) {
        const int64_t end = marks[k].end, what = marks[k].what;
        int64_t at = marks[k].start;
        if (what < P_RUN) {
            int64_t code;
            const int64_t row = row_of(offsets, &held[0], at);
            const struct span found = look(text, what, at, offsets[row], offsets[row + 1], &of, &code);
            many = keep(out, left, &held[0], many, found, code);
            continue;
        }
        struct held *mine = &held[what - P_RUN + 1];
        while (at < end) {
            const int64_t row = row_of(offsets, mine, at);
            int64_t go = end < offsets[row + 1] ? end : offsets[row + 1];
            if (what == P_RUN) {
                const int64_t start = escaped(text, at, offsets[row], go); /* both are tried: a checksum tells them apart */
                const int whole = worth(text, at, go), rest = start > at && worth(text, start, go);
                if (whole) many = keep(out, left, mine, many, (struct span){at, go}, RUN);
                if (rest) many = keep(out, left, mine, many, (struct span){start, go}, RUN);
                if (glued && !whole && !rest && LEAST_RUN < go - at && go - at <= MOST_GLUED)
                    many = keep(out, left, mine, many, (struct span){at, go}, GLUED);
            } else {
                const struct span found = groups(text, at, go, offsets[row + 1], &go);
                many = keep(out, left, mine, many, found, GROUPS);
            }
            at = go;
        }
    }
    return many;
}
