package facts

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// gpoXML is one GPO as event 5312 lists it.
func gpoXML(guid, name string, version int, link string) string {
	return fmt.Sprintf(`<GPO ID="%s"><Name>%s</Name><Version>%d</Version><SOM>%s</SOM><FSPath>\\contoso.com\SysVol</FSPath><Extensions>[{827D319E-6EAC-11D2-A4EA-00C04F79F83A}]</Extensions></GPO>`,
		guid, name, version, link)
}

const (
	guidA = "{31B2F340-016D-11D2-945F-00C04FB984F9}"
	guidB = "{7B1C9A4E-2F53-4C0D-9E0B-5A4C1D7F2E61}"
)

func TestParseGPOList(t *testing.T) {
	one := gpoXML(guidA, "A &amp; B", 65537, "LDAP://DC=contoso,DC=com")
	whole := ListedGPO{GPO: GPO{Name: "A & B", GUID: guidA}, Version: 65537, Link: "LDAP://DC=contoso,DC=com"}
	for _, tt := range []struct {
		name, text string
		want       []ListedGPO
		partial    bool
	}{
		{"none", "", nil, false},
		{"one", one, []ListedGPO{whole}, false},
		{"GUID in lower case", strings.ToLower(guidA), nil, false},
		{"bare ampersand", gpoXML(guidA, "A & B", 65537, "LDAP://DC=contoso,DC=com"), []ListedGPO{whole}, false},
		{
			"local policy, filtered", `<GPO ID="Local Group Policy"><Name>Local Group Policy</Name><Version>0</Version><SOM>Local</SOM><Reason>NOTAPPLIED-EMPTY</Reason></GPO>`,
			[]ListedGPO{{GPO: GPO{Name: "Local Group Policy"}, Link: "Local", Denied: "NOTAPPLIED-EMPTY"}},
			false,
		},
		{"element below a name", `<GPO ID="` + guidA + `"><Name>A<b>x</b></Name><Version>1</Version></GPO>`, []ListedGPO{{GPO: GPO{Name: "A", GUID: guidA}, Version: 1}}, false},
		{"cut off", one + one[:60], []ListedGPO{whole}, true},
		{"no version", `<GPO ID="` + guidA + `"><Name>A</Name></GPO>`, nil, true},
		{"version too large", `<GPO ID="` + guidA + `"><Version>4294967296</Version></GPO>`, nil, true},
		{"other element", "<Details>" + one + "</Details>", nil, true},
		{"not XML", "<GPO ID=", nil, true},
	} {
		got, partial := parseGPOList(tt.text)
		if !slices.Equal(got, tt.want) || partial != tt.partial {
			t.Errorf("%s: %+v, partial %v; want %+v, %v", tt.name, got, partial, tt.want, tt.partial)
		}
	}
}

// TestParseGPOListBounds: what is kept of a list does not grow with it.
func TestParseGPOListBounds(t *testing.T) {
	long := strings.Repeat("n", 10_000)
	for name, text := range map[string]string{
		"many GPOs":  strings.Repeat(gpoXML(guidA, "A", 1, ""), 5000),
		"long names": strings.Repeat(gpoXML(guidA, long, 1, long), 100),
		"deep":       `<GPO ID="x">` + strings.Repeat("<a>", 100_000),
	} {
		list, partial := parseGPOList(text)
		size := 0
		for _, g := range list {
			size += len(g.GPO.Name) + len(g.GPO.GUID) + len(g.Link) + len(g.Denied)
		}
		if !partial || size > maxListedText || len(list) > maxListed {
			t.Errorf("%s: %d GPOs of %d bytes, partial %v", name, len(list), size, partial)
		}
	}
}

func TestCompareLists(t *testing.T) {
	a := ListedGPO{GPO: GPO{Name: "A", GUID: guidA}, Version: 1}
	b := ListedGPO{GPO: GPO{Name: "B", GUID: guidB}, Version: 1}
	b2, aElsewhere := b, a
	b2.Version, aElsewhere.Link = 2, "OU=Servers"
	for _, tt := range []struct {
		name                    string
		before, after           []ListedGPO
		added, removed, updated int
		reordered               bool
	}{
		{"same", []ListedGPO{a, b}, []ListedGPO{a, b}, 0, 0, 0, false},
		{"empty", nil, nil, 0, 0, 0, false},
		{"added", []ListedGPO{a}, []ListedGPO{a, b}, 1, 0, 0, false},
		{"removed", []ListedGPO{a, b}, []ListedGPO{b}, 0, 1, 0, false},
		{"updated", []ListedGPO{a, b}, []ListedGPO{a, b2}, 0, 0, 1, false},
		{"order", []ListedGPO{a, b}, []ListedGPO{b, a}, 0, 0, 0, true},
		{"linked elsewhere", []ListedGPO{a}, []ListedGPO{aElsewhere}, 0, 0, 0, true},
	} {
		d, reordered := compareLists(tt.before, tt.after)
		if len(d.added) != tt.added || len(d.removed) != tt.removed || len(d.updated) != tt.updated || reordered != tt.reordered {
			t.Errorf("%s: %+v, reordered %v", tt.name, d, reordered)
		}
	}
}

func TestGUIDOf(t *testing.T) {
	for text, want := range map[string]string{
		guidA:                               guidA,
		" " + strings.ToLower(guidA):        guidA,
		strings.Trim(guidA, "{}"):           "",
		"Local Group Policy":                "",
		strings.Replace(guidA, "-", "0", 1): "",
		strings.Replace(guidA, "3", "G", 1): "",
		"{" + strings.Repeat("Ä", 18) + "}": "",
	} {
		if got := guidOf(text); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

func TestParseLinks(t *testing.T) {
	for text, want := range map[string][]link{
		"": nil, " ": nil,
		"[LDAP://cn=" + guidA + ",cn=policies,cn=system,DC=contoso,DC=com;0]":                             {{guidA, "0"}},
		"[LDAP://CN=" + strings.ToLower(guidA) + ",CN=Policies;2][LDAP://cn=" + guidB + ",cn=policies;1]": {{guidA, "2"}, {guidB, "1"}},
		"[LDAP://cn=" + guidA + ",cn=policies":                                                            nil,
		"}{;][;{}]":                                                                                       nil,
	} {
		if got := parseLinks(text); !slices.Equal(got, want) {
			t.Errorf("%q: %v, want %v", text, got, want)
		}
	}
}

func TestNamedGPOs(t *testing.T) {
	for text, want := range map[string][]GPO{
		"": nil,
		guidA + " Default Domain Policy\r\n\r\n" + strings.ToLower(guidB) + " Server  Baseline": {{"Default Domain Policy", guidA}, {"Server Baseline", guidB}},
		"{not} " + guidA + " A}": {{"A}", guidA}},
		guidA:                    {{"", guidA}},
		"{{{{":                   nil,
	} {
		if got := namedGPOs(text); !slices.Equal(got, want) {
			t.Errorf("%q: %v, want %v", text, got, want)
		}
	}
	if n := len(namedGPOs(strings.Repeat(guidA, 1000))); n != maxNamedGPOs {
		t.Errorf("%d GPOs of 1000, want %d", n, maxNamedGPOs)
	}
}

func FuzzPolicyTexts(f *testing.F) {
	f.Add(gpoXML(guidA, "A & B", 65537, "LDAP://DC=contoso,DC=com"))
	f.Add(guidA + " Default Domain Policy " + guidB + " B")
	f.Add("[LDAP://cn=" + guidA + ",cn=policies;0]")
	f.Fuzz(func(t *testing.T, text string) {
		list, _ := parseGPOList(text)
		if d, reordered := compareLists(list, list); reordered || len(d.added)+len(d.removed) > 0 {
			// Two entries with one key may differ in version, which is a difference then.
			t.Errorf("a list differs from itself: %+v, reordered %v", d, reordered)
		}
		if len(namedGPOs(text)) > maxNamedGPOs || len(parseLinks(text)) > maxLinks {
			t.Error("more than the bounds")
		}
		sceCode(Event{Fields: []Field{{Value: text}}})
	})
}
