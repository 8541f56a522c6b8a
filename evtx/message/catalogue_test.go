package message

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/gpevtx/gpevtx/evtx"
	"github.com/gpevtx/gpevtx/facts"
	"github.com/gpevtx/gpevtx/internal/fixture"
	"github.com/gpevtx/gpevtx/rules"
)

func TestReadCatalogue(t *testing.T) {
	c, err := ReadCatalogue(strings.NewReader("# mine\n\nContoso Backup\nContoso Restore\n\t1,2\tthe job %1\r\n\t1v3\tversion three\n\t*\tanything\nOther\n\t1\tother\ncontoso backup\n\t7\tseven  \n"))
	if err != nil {
		t.Fatal(err)
	}
	for _, q := range []struct {
		sys  evtx.System
		want string
	}{
		{evtx.System{Provider: "Contoso Backup", EventID: 1}, "the job %1"},
		{evtx.System{Provider: "CONTOSO RESTORE", EventID: 2, Version: 9}, "the job %1"},
		{evtx.System{Provider: "Contoso Backup", EventID: 1, Version: 3}, "version three"},
		{evtx.System{Provider: "Contoso Backup", EventID: 3}, "anything"},
		{evtx.System{Provider: "Contoso Backup", EventID: 7}, "seven"},
		{evtx.System{Provider: "Contoso Restore", EventID: 7}, "anything"},
		{evtx.System{Provider: "Contoso-Backup", EventSourceName: "Contoso Backup", EventID: 2}, "the job %1"},
		{evtx.System{Provider: "Other", EventID: 2}, ""},
		{evtx.System{Provider: "Nobody", EventID: 1}, ""},
		{evtx.System{}, ""},
	} {
		got := ""
		if template, ok := c.Template(&q.sys); ok {
			got = template.String()
		}
		if got != q.want {
			t.Errorf("%+v gives %q, want %q", q.sys, got, q.want)
		}
	}
	if _, ok := (&Catalogue{}).Template(&evtx.System{Provider: "Other", EventID: 1}); ok {
		t.Error("the zero value knows an event")
	}
}

func TestMistakesInCatalogues(t *testing.T) {
	for text, want := range map[string]string{
		"\t1\ttext":            "line 1: no provider stands above event 1",
		"A\n\t1 text":          `line 2: a tab, ids, a tab and a text expected, found "1 text"`,
		"A\n\t1\t":             `line 2: a tab, ids, a tab and a text expected, found "1\t"`,
		"A\n\t65536\ttext":     `line 2: "65536" is no event id`,
		"A\n\t1v256\ttext":     `line 2: "1v256" is no event id`,
		"A\n\t1v\ttext":        `line 2: "1v" is no event id`,
		"A\n\t1, 2\ttext":      `line 2: " 2" is no event id`,
		"A\n\t1\ta\n\t1\tb":    "line 3: a second text for event 1",
		"A\n\t1\ta\na\n\t1\tb": "line 4: a second text for event 1",
		"A\t1\ttext":           `line 1: a tab in "A\t1\ttext": the lines of events begin with one, those of providers have none`,
		"A\n\t1\t\xff":         "line 2: this is not UTF-8",
		"A\n  1  the job %1":   "line 2: the line begins with a space: a tab begins an entry, the name of a provider any other line",
		"A\n\t1\t" + strings.Repeat("x", maxLine): "line 2: bufio.Scanner: token too long",
	} {
		if _, err := ReadCatalogue(strings.NewReader(text)); err == nil || err.Error() != "message catalogue, "+want {
			t.Errorf("%.40q: %v, want %s", text, err, want)
		}
	}
}

// TestBuiltInCatalogue reads every line as a sentence would be read.
func TestBuiltInCatalogue(t *testing.T) {
	if _, err := ReadCatalogue(strings.NewReader(builtInText)); err != nil {
		t.Fatal(err)
	}
	formats := []string{"", "win32", "ntstatus", "logontype", "sid"}
	provider := ""
	for line := range strings.Lines(builtInText) {
		line = strings.TrimSuffix(line, "\n")
		entry, isEntry := strings.CutPrefix(line, "\t")
		if !isEntry {
			provider = line
			continue
		}
		ids, text, _ := strings.Cut(entry, "\t")
		where := provider + " " + ids
		template := Parse(text)
		for _, p := range template.pieces {
			switch {
			case p.kind == parameterPiece, strings.Contains(p.text, "%"):
				t.Errorf("%s: a percent sign too many in %q", where, text)
			case !slices.Contains(formats, p.format):
				t.Errorf("%s: no format !%s!", where, p.format)
			case p.kind == insertPiece && slices.ContainsFunc(template.pieces, func(p piece) bool { return p.kind == namePiece }):
				t.Errorf("%s: positions and names in %q", where, text)
			}
		}
		if strings.Contains(text, "  ") || strings.Contains(text, "..") {
			t.Errorf("%s: %q", where, text)
		}
		if last := text[len(text)-1]; last != '.' && last != '}' && !isDigit(last) {
			t.Errorf("%s: %q ends in the middle of a sentence", where, text)
		}
	}
}

// data are the data of events that package fixture does not know: names, or a number of
// strings. Where a line of the catalogue refers to data, they are known here or there.
//
// The names of the Security log are those of Microsoft's pages on the events, the numbers those
// of the message tables; Application Error has thirteen strings in public logs.
var data = map[string]any{
	"EventLog 6008": 2, "EventLog 6009": 4, "EventLog 6011": 2, "EventLog 6013": 7,
	"SceCli 1202": 1, "NETLOGON 5719": 2, "Application Error 1000": 13, ".NET Runtime 1026": 1,
	"MsiInstaller 1033": 6, "MsiInstaller 1034": 6, "MsiInstaller 1035": 6, "MsiInstaller 1040": 2, "MsiInstaller 1042": 2,
	"Microsoft-Windows-GroupPolicy 6314": "BandwidthInkbps IsSlowLink ThresholdInkbps PolicyApplicationMode ErrorCode LinkDescription",
	"Microsoft-Windows-GroupPolicy 7321": "ErrorDescription ErrorCode",
	auditing + " 4616":                   "SubjectUserName SubjectDomainName PreviousTime NewTime ProcessName",
	auditing + " 4647":                   "TargetUserSid TargetUserName TargetDomainName TargetLogonId",
	auditing + " 4688":                   "SubjectUserName SubjectDomainName NewProcessId NewProcessName",
	auditing + " 4689":                   "SubjectUserName SubjectDomainName Status ProcessId ProcessName",
	auditing + " 4741":                   "TargetUserName TargetDomainName TargetSid SubjectUserName SubjectDomainName",
	auditing + " 4742":                   "TargetUserName TargetDomainName TargetSid SubjectUserName SubjectDomainName",
	auditing + " 4743":                   "TargetUserName TargetDomainName TargetSid SubjectUserName SubjectDomainName",
	auditing + " 5137":                   "SubjectUserName SubjectDomainName ObjectDN ObjectClass",
	auditing + " 5141":                   "SubjectUserName SubjectDomainName ObjectDN ObjectClass",
}

// TestTemplatesFitEvents: no line of the catalogue refers to data that its event does not have.
func TestTemplatesFitEvents(t *testing.T) {
	for provider, entries := range eachTemplate() {
		for key, template := range entries {
			where := fmt.Sprintf("%s %d", provider, key.id)
			names, count := dataOf(t, provider, key, where)
			for _, p := range template.pieces {
				switch {
				case p.kind == namePiece && !slices.Contains(names, p.text):
					t.Errorf("%s: %q refers to %s, the event has %q", where, template, p.text, names)
				case p.kind == insertPiece && p.insert > count:
					t.Errorf("%s: %q refers to %%%d, the event has %d data", where, template, p.insert, count)
				}
			}
		}
	}
}

// eachTemplate are the templates of the catalogue by the providers' names as they are written.
func eachTemplate() map[string]templates {
	all := make(map[string]templates)
	for line := range strings.Lines(builtInText) {
		if name := strings.TrimSpace(line); name != "" && line[0] != '\t' && line[0] != '#' {
			all[name] = BuiltIn().providers[strings.ToLower(name)]
		}
	}
	return all
}

// dataOf returns the names of the data of an event and their number.
func dataOf(t *testing.T, provider string, key entryKey, where string) (names []string, count int) {
	switch known := data[where].(type) {
	case string:
		names = strings.Fields(known)
		return names, len(names)
	case int:
		return nil, known
	}
	if key == everyEvent {
		return nil, 0
	}
	log, err := typical(provider, key.id, nil)
	if err != nil {
		t.Fatal(err)
	}
	data, err := read(t, log)[0].Data()
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range inserts(data) {
		names = append(names, nameOf(d))
	}
	return names, len(names)
}

// typical is a log of one event as package fixture knows it. Where it has no value for a datum,
// one of the kind that the name tells is given.
func typical(provider string, id int32, values []string) ([]byte, error) {
	text := fmt.Sprintf("channel: System\ncomputer: SYNC01.contoso.com\nevents:\n  - {time: 2026-11-20T03:12:00Z, provider: %q, id: %d, data: {%s}}\n",
		provider, id, strings.Join(values, ", "))
	_, log, err := fixture.Member("System.evtx.yaml", []byte(text))
	if err == nil {
		return log, nil
	}
	_, name, ok := strings.Cut(err.Error(), "needs a value for ")
	if !ok || len(values) > 20 {
		return nil, err
	}
	value := "S-1-5-18"
	switch {
	case strings.HasSuffix(name, "Time"):
		value = "2026-11-20T03:12:00Z"
	case strings.HasSuffix(strings.ToLower(name), "guid"):
		value = "{827D319E-6EAC-11D2-A4EA-00C04F79F83A}"
	}
	return typical(provider, id, append(values, fmt.Sprintf("%s: %q", name, value)))
}

// TestSelectedEventsHaveTemplates: whatever facts and the built-in rules look at can be shown in
// words.
func TestSelectedEventsHaveTemplates(t *testing.T) {
	selectors := facts.Selectors()
	builtin, err := rules.Builtin()
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range builtin {
		for _, need := range r.Needs.Events {
			selectors = append(selectors, need.Selector)
		}
	}
	if len(selectors) < 20 {
		t.Fatalf("%d selectors", len(selectors))
	}
	for _, s := range selectors {
		if len(s.Providers) == 0 {
			t.Errorf("%+v selects events of any provider", s)
		}
		for _, provider := range s.Providers {
			ids := s.IDs
			if len(ids) == 0 {
				if _, ok := BuiltIn().providers[strings.ToLower(provider)][everyEvent]; !ok {
					t.Errorf("all events of %s are selected, and there is no text for all of them", provider)
				}
			}
			for _, id := range ids {
				if _, ok := BuiltIn().Template(&evtx.System{Provider: provider, EventID: id}); !ok {
					t.Errorf("event %d of %s is selected, and there is no text for it", id, provider)
				}
			}
		}
	}
}
