package gpreport

import (
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"golang.org/x/text/language"
)

func TestVocabularies(t *testing.T) {
	for name, v := range map[string]*vocabulary{"rights": rightNames(), "labels": labels()} {
		for text, words := range v.words {
			for i, w := range words {
				if tag, err := language.Parse(w.lang); err != nil || tag.String() != w.lang {
					t.Errorf("%s: %q is no language tag", name, w.lang)
				}
				if !slices.Contains(origins, w.origin) {
					t.Errorf("%s: %q is of the unknown origin %q", name, text, w.origin)
				}
				if slices.ContainsFunc(words[:i], func(o word) bool { return o.key == w.key && o.lang == w.lang }) {
					t.Errorf("%s: %q stands twice below %s", name, text, w.key)
				}
			}
			if strings.TrimSpace(text) == "" {
				t.Errorf("%s: an empty text for %+v", name, words)
			}
		}
	}
	if n := len(rightNames().keys); n != 46 {
		t.Errorf("%d rights, want 46", n)
	}
	for _, key := range append(append(gpoRows[:], scopeSections[:]...), "computer-name", "user-name", "domain", "site", "organizational-unit",
		"no-domain", "no-site", "collection-error", "yes", "no", "title-results", "title-modeling", "user-rights-heading",
		"security-options-heading", "th-winning-gpo", "applied-gpos", "denied-gpos", "local-group-policy", "no-data-available",
		"ComponentStatus_EventId") {
		if labels().texts[key] == "" {
			t.Errorf("no words for %q", key)
		}
	}
	for key := range languageLabels {
		if labels().texts[key] == "" {
			t.Errorf("no words for %q", key)
		}
	}
}

// A text that means different rights would accuse or acquit the wrong one: the table has
// none, so that each of its texts is recognised.
func TestRightsAreUnambiguous(t *testing.T) {
	for text, words := range rightNames().words {
		for _, w := range words {
			if w.key != words[0].key {
				t.Errorf("%q stands for %s and %s", text, words[0].key, w.key)
			}
		}
		if constant, ok := LookupRight(text); !ok || constant != words[0].key {
			t.Errorf("LookupRight(%q) = %q", text, constant)
		}
	}
}

// logonRights are the rights that decide whether an account can log on as a service, as a
// batch job and locally.
var logonRights = []string{
	"SeServiceLogonRight", "SeBatchLogonRight", "SeInteractiveLogonRight",
	"SeDenyServiceLogonRight", "SeDenyBatchLogonRight", "SeDenyInteractiveLogonRight",
}

func TestLogonRightsInEveryLanguage(t *testing.T) {
	languages := []string{
		"en", "de", "fr", "es", "it", "pt-BR", "pt-PT", "nl", "sv", "pl", "hu", "ru", "ja", "ko", "zh-CN", "zh-TW",
	}
	have := make(map[word]bool)
	for _, words := range rightNames().words {
		for _, w := range words {
			have[word{key: w.key, lang: w.lang}] = true
		}
	}
	for _, lang := range languages {
		for _, right := range logonRights {
			if !have[word{key: right, lang: lang}] {
				t.Errorf("no name of %s in %s", right, lang)
			}
		}
	}
}

// denials are parts of the words that deny, by language.
var denials = map[string][]string{
	"en": {"deny"}, "de": {"verweigern"}, "fr": {"interdire", "refuser"}, "es": {"denegar"}, "it": {"nega "},
	"pt-BR": {"negar"}, "pt-PT": {"negar", "recusar"}, "nl": {"weigeren"}, "sv": {"neka"}, "pl": {"odmowa"},
	"hu": {"megtagad"}, "ru": {"отказ", "запретить"}, "ja": {"拒否"}, "ko": {"거부"}, "zh-CN": {"拒绝"}, "zh-TW": {"拒絕"},
	"cs": {"odepřít"}, "tr": {"reddet"},
}

// TestDenialsDeny: the names of the rights that deny have a word for it, and no others have.
// A name that stood below the opposite right would turn a verdict round.
func TestDenialsDeny(t *testing.T) {
	for text, words := range rightNames().words {
		for _, w := range words {
			denies := slices.ContainsFunc(denials[w.lang], func(d string) bool { return strings.Contains(text, normalize(d)) })
			if want := strings.HasPrefix(w.key, "SeDeny"); denies != want {
				t.Errorf("%s: %q stands for %s", w.lang, text, w.key)
			}
		}
	}
}

func TestMeaning(t *testing.T) {
	v := parseVocabulary(`# a comment
one
	en	translated	Only
	de	printed	only
	fr	documented	Both

two
	es	printed	both
`)
	for _, tt := range []struct {
		text, key string
		origin    Origin
	}{
		{"ONLY", "one", Printed}, // the surest of the two
		{"both", "", ""},         // one in French, two in Spanish
		{"neither", "", ""},
	} {
		if key, origin := v.meaning(tt.text); key != tt.key || origin != tt.origin {
			t.Errorf("meaning(%q) = %q, %q; want %q, %q", tt.text, key, origin, tt.key, tt.origin)
		}
	}
	if !v.printed("one", "de") || v.printed("one", "en") || v.printed("two", "de") {
		t.Error("printed knows the wrong languages")
	}
}

func TestNormalize(t *testing.T) {
	for _, tt := range []struct{ name, a, b string }{
		{"case", "Anmelden ALS Dienst", "anmelden als dienst"},
		{"sharp s", "schließen", "SCHLIESSEN"},
		{"apostrophes", "l’ouverture l‘ouverture l´ouverture lʼouverture", "l'ouverture l'ouverture l'ouverture l'ouverture"},
		{"dashes", "a‐b a‑b a–b a—b a−b", "a-b a-b a-b a-b a-b"},
		{"ellipsis", "More…", "more..."},
		{"no-break space", "Windows\u00a0設定", "Windows 設定"},
		{"narrow no-break space", "le\u202f:", "le"},
		{"ideographic space", "バッチ\u3000ジョブ", "バッチ ジョブ"},
		{"runs of spaces", "  a \t\r\n b ", "a b"},
		{"half-width kana", "ﾊﾞｯﾁ", "バッチ"},
		{"full-width letters", "ＧＰＯ", "gpo"},
		{"soft hyphen", "An\u00admelden", "Anmelden"},
		{"marks of direction", "\u200eSetting\u200f\u202a\u202c", "setting"},
		{"colon", "Data collected on:", "Data collected on"},
		{"French colon", "Données recueillies le\u00a0:", "données recueillies le"},
		{"full-width colon", "数据收集时间：", "数据收集时间:"},
		{"composed and decomposed", "e\u0301", "é"},
		{"Turkish i", "İŞLETİM hakları", "işletim hakları"},
		{"Turkish dotless i", "HAKLARI", "hakları"},
	} {
		if a, b := normalize(tt.a), normalize(tt.b); a != b || a == "" {
			t.Errorf("%s: %q and %q", tt.name, a, b)
		}
	}
	for _, tt := range [][2]string{{"Setting", "Settings"}, {"a-b", "a b"}, {"Нет", "Hет"}, {"als", "als:a"}} {
		if normalize(tt[0]) == normalize(tt[1]) {
			t.Errorf("%q and %q are one", tt[0], tt[1])
		}
	}
}

func TestIslandVotes(t *testing.T) {
	label := func(name, text string) string {
		return `  <Label Name="` + name + "\">\n    <ValueText>" + text + "</ValueText>\n  </Label>\n"
	}
	for _, tt := range []struct {
		name, tail string
		want       int
	}{
		{"none", "", 0},
		{"English", label("ComponentStatus_EventId", "Event ID") + label("ComponentStatus_EventTime", "Event Time"), 2},
		{"another language", label("ComponentStatus_EventId", "Ereignis-ID"), 0},
		{"the word of another name", label("ComponentStatus_EventId", "Event Time"), 0},
		{"cut in a name", label("ComponentStatus_EventId", "Event ID") + `<Label Name="Compo`, 1},
		{"cut in a word", `<Label Name="ComponentStatus_EventId"><ValueText>Event ID`, 1},
		{"no word", `<Label Name="ComponentStatus_EventId"></Label>`, 0},
		{"more than are looked at", strings.Repeat(label("ComponentStatus_EventId", "Event ID"), 100), maxIslandLabels},
	} {
		votes := make(map[string]int)
		voteIsland(votes, tt.tail)
		if votes["en"] != tt.want || len(votes) > 1 {
			t.Errorf("%s: %v, want %d", tt.name, votes, tt.want)
		}
	}
}

// TestNormalizeASCII: the short way for ASCII gives what the way for all text does, on which an
// invisible mark leads.
func TestNormalizeASCII(t *testing.T) {
	const mark = "\u200e"
	for a := range utf8.RuneSelf {
		for b := range utf8.RuneSelf {
			for _, s := range []string{string([]byte{byte(a), byte(b)}), string([]byte{'x', byte(a), byte(b), 'Y'}), string([]byte{byte(a), ' ', byte(b), ':', ' '})} {
				if got, want := normalize(s), normalize(s+mark); got != want {
					t.Fatalf("%q: %q, want %q", s, got, want)
				}
			}
		}
	}
	if n := testing.AllocsPerRun(10, func() { labels().find("Server Baseline") }); n != 0 {
		t.Errorf("a look-up allocates %v times", n)
	}
}
