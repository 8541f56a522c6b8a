package analyzer_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gpevtx/gpevtx/analyzer"
	"github.com/gpevtx/gpevtx/bundle"
	"github.com/gpevtx/gpevtx/evtx"
	"github.com/gpevtx/gpevtx/facts"
	"github.com/gpevtx/gpevtx/internal/fixture"
	"github.com/gpevtx/gpevtx/render"
	"github.com/gpevtx/gpevtx/rules"
)

const (
	report = `
host: SYNC01
domain: contoso.com
collected: 11/20/2026 5:30:00 AM
refreshed: 11/20/2026 4:00:00 AM
refreshed-utc: 2026-11-20T03:00:00Z
computer:
  gpos: [Default Domain Policy, {name: Server Baseline, guid: '{7B1C9A4E-2F53-4C0D-9E0B-5A4C1D7F2E61}'}]
  rights:
    Log on as a service: {gpo: Server Baseline, accounts: ['CONTOSO\svc-backup']}
    Log on as a batch job: {gpo: Server Baseline, accounts: ['CONTOSO\Sync Services']}
user: none
`
	log = `
channel: System
computer: SYNC01.contoso.com
start: 2026-11-20T01:00:00Z
first-record: 4000
noise: {count: 200, until: 2026-11-20T05:00:00Z}
events:
  - {time: 2026-11-20T01:30:00Z, provider: Service Control Manager, id: 7036, data: {param1: Microsoft Azure AD Sync, param2: running}, binary-text: "ADSync/4"}
  - {time: 2026-11-20T03:12:07Z, provider: Service Control Manager, id: 7041, data: {param1: ADSync, param2: 'NT SERVICE\ADSync'}}
  - {time: 2026-11-20T03:12:07Z, provider: Service Control Manager, id: 7000, data: {param1: Microsoft Azure AD Sync, param2: '%%1069'}, binary-text: ADSync}
`
)

// write makes the described files in a folder and returns it.
func write(t testing.TB, members map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range members {
		out, data, err := fixture.Member(name, []byte(text))
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, out), data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func analyze(t testing.TB, cfg analyzer.Config, paths ...string) *analyzer.Result {
	t.Helper()
	a, err := analyzer.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	b, err := bundle.Open(context.Background(), bundle.Config{}, paths...)
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	res, err := a.Analyze(context.Background(), b)
	if err != nil {
		t.Fatal(err)
	}
	return res
}

func theCase(t testing.TB) string {
	return write(t, map[string]string{"gpresult.htm.yaml": report, "System.evtx.yaml": log})
}

// TestResult checks the one case that the whole is for, value by value.
func TestResult(t *testing.T) {
	res := analyze(t, analyzer.Config{Version: "1.2.3"}, theCase(t))
	if res.Schema != "gpevtx.result/v1" || res.Tool.Name != "gpevtx" || res.Tool.Version != "1.2.3" {
		t.Errorf("schema %q, tool %+v", res.Schema, res.Tool)
	}
	c := res.Tool.Rules
	if c.Total != c.Failed+c.Passed+c.Inconclusive+c.Skipped+c.Errored || c.Failed != 2 || c.Errored != 0 {
		t.Errorf("counts %+v", c)
	}
	if len(res.Hosts) != 1 {
		t.Fatalf("%d hosts", len(res.Hosts))
	}
	h := res.Hosts[0]
	if h.Name != "SYNC01" || h.Domain != "contoso.com" {
		t.Errorf("host %q in %q", h.Name, h.Domain)
	}
	if h.Account.Name != `NT SERVICE\ADSync` || h.Account.SID != "S-1-5-80-3245704983-3664226991-764670653-2504430226-901976451" ||
		h.Account.Kind != facts.Virtual || h.Account.Confidence != facts.Certain {
		t.Errorf("account %+v", h.Account)
	}
	var order []string
	for _, r := range h.Rights {
		order = append(order, r.Right+" "+string(r.Verdict))
	}
	want := []string{
		"SeServiceLogonRight omitted", "SeDenyServiceLogonRight undefined", "SeBatchLogonRight undetermined",
		"SeDenyBatchLogonRight undefined", "SeInteractiveLogonRight undefined", "SeDenyInteractiveLogonRight undefined",
	}
	if diff := cmp.Diff(want, order); diff != "" {
		t.Error(diff)
	}
	if h.Service.State != facts.Failing || h.Service.Since == nil || h.Service.Since.Format("15:04:05") != "03:12:07" {
		t.Errorf("service %+v", h.Service)
	}
	if len(h.Findings) != 1 {
		t.Fatalf("findings %+v", h.Findings)
	}
	f := h.Findings[0]
	if f.Rule != "service-right-omitted" || f.Confidence != facts.Certain || f.Severity != rules.Critical ||
		!slices.Equal(f.Joined, []string{"logon-right-refused"}) || f.Count != 1 {
		t.Errorf("finding %+v", f)
	}
	var row, event bool
	for _, e := range f.Evidence {
		row = row || strings.HasSuffix(e.Source, "gpresult.htm") && e.Row > 0 && e.Line > 0 && len(e.Section) > 3
		event = event || strings.HasSuffix(e.Source, "System.evtx") && e.Record > 4000 && e.Offset != nil && *e.Offset > 4096 && e.Time != nil
	}
	if !row || !event {
		t.Errorf("evidence %+v: want the row of the report and the event", f.Evidence)
	}
	i := slices.IndexFunc(h.Verdicts, func(v analyzer.RuleVerdict) bool { return v.Rule == "batch-right-omitted" })
	if v := h.Verdicts[i]; v.Verdict != rules.Inconclusive || v.Reasons[0].Code != "group-not-expanded" ||
		v.Reasons[0].Input != `CONTOSO\Sync Services` || v.Reasons[0].Ask != "Get-ADGroupMember -Recursive 'Sync Services'" {
		t.Errorf("verdict %+v", v)
	}
	if len(h.Verdicts) != c.Total {
		t.Errorf("%d verdicts for %d rules", len(h.Verdicts), c.Total)
	}
	if len(h.Coverage) != 1 || h.Coverage[0].Read < 200 || !h.Coverage[0].Wrapped || h.Coverage[0].Lost != 0 {
		t.Errorf("coverage %+v", h.Coverage)
	}
	var line []string
	for _, e := range h.Timeline {
		line = append(line, e.Time.Format("15:04:05 ")+e.Kind)
	}
	// The report tells its own zone, so that its times are known exactly.
	want = []string{"01:30:00 service", "03:00:00 policy", "03:12:07 service", "03:12:07 service", "04:30:00 report"}
	if diff := cmp.Diff(want, line); diff != "" {
		t.Error(diff)
	}
}

// TestDeterministic: equal bytes, whatever the order of the paths, from many goroutines
// that share one Analyzer.
func TestDeterministic(t *testing.T) {
	dir := theCase(t)
	a, err := analyzer.New(analyzer.Config{Version: "x"})
	if err != nil {
		t.Fatal(err)
	}
	outs := make([][]byte, 8)
	var wg sync.WaitGroup
	for i := range outs {
		wg.Go(func() {
			paths := []string{filepath.Join(dir, "gpresult.htm"), filepath.Join(dir, "System.evtx")}
			if i%2 == 1 {
				slices.Reverse(paths)
			}
			b, err := bundle.Open(context.Background(), bundle.Config{}, paths...)
			if err != nil {
				t.Error(err)
				return
			}
			defer b.Close()
			res, err := a.Analyze(context.Background(), b)
			var buf bytes.Buffer
			if err := errors.Join(err, render.JSON(&buf, res)); err != nil {
				t.Error(err)
			}
			outs[i] = buf.Bytes()
		})
	}
	wg.Wait()
	for _, out := range outs[1:] {
		if !bytes.Equal(out, outs[0]) {
			t.Fatalf("results differ:\n%s", cmp.Diff(string(outs[0]), string(out)))
		}
	}
}

// TestFingerprintIsStable: the same problem has the same fingerprint in another collection.
func TestFingerprintIsStable(t *testing.T) {
	later := strings.ReplaceAll(strings.ReplaceAll(report, "5:30:00", "6:45:00"), "CONTOSO\\svc-backup", "CONTOSO\\svc-other")
	first := analyze(t, analyzer.Config{}, theCase(t)).Hosts[0].Findings[0]
	second := analyze(t, analyzer.Config{}, write(t, map[string]string{"r.htm.yaml": later, "s.evtx.yaml": log})).Hosts[0].Findings[0]
	if first.Fingerprint == "" || first.Fingerprint != second.Fingerprint {
		t.Errorf("fingerprints %q and %q", first.Fingerprint, second.Fingerprint)
	}
}

func TestCancelled(t *testing.T) {
	dir := theCase(t)
	b, err := bundle.Open(context.Background(), bundle.Config{}, dir)
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	ctx, cancel := context.WithCancel(context.Background())
	// The first input is read, then the user has enough: what is known is told.
	a, err := analyzer.New(analyzer.Config{Progress: func(p analyzer.Progress) {
		if p.Done > 0 {
			cancel()
		}
	}})
	if err != nil {
		t.Fatal(err)
	}
	res, err := a.Analyze(ctx, b)
	if !errors.Is(err, context.Canceled) || res == nil || len(res.Inputs) == 0 {
		t.Errorf("result %+v, error %v: want what was read and the context's error", res, err)
	}
}

func TestProgress(t *testing.T) {
	var seen []analyzer.Progress
	analyze(t, analyzer.Config{Progress: func(p analyzer.Progress) { seen = append(seen, p) }}, theCase(t))
	last := seen[len(seen)-1]
	if len(seen) != 3 || last.Done != last.Total || last.Total == 0 || last.Source != "" {
		t.Errorf("progress %+v", seen)
	}
}

// TestRuleInGo: a Go program's own rule runs beside the built-in ones and sees its events.
func TestRuleInGo(t *testing.T) {
	set, err := rules.Builtin()
	if err != nil {
		t.Fatal(err)
	}
	set = append(set, &rules.Rule{
		ID: "refused-at-all", Title: "A service was refused", Severity: rules.Info, Since: "1",
		Needs: rules.Needs{Events: []rules.EventNeed{{
			Name: "refused", Selector: evtx.Selector{Channels: []string{"System"}, IDs: []uint16{7041}},
		}}},
		Eval: func(_ context.Context, p *rules.Pass) error {
			if list := p.Events("refused"); len(list) > 0 {
				p.Fail(rules.Finding{
					Confidence: facts.Probable, Message: "seen", Remedy: []string{"look"}, Subject: []string{"x"},
					Evidence: nil, First: list[0].Time, Last: list[0].Time, Count: len(list),
				})
				return nil
			}
			p.Pass()
			return nil
		},
	})
	res := analyze(t, analyzer.Config{Rules: set}, theCase(t))
	if !slices.ContainsFunc(res.Hosts[0].Findings, func(f analyzer.Finding) bool { return f.Rule == "refused-at-all" && f.Count == 1 }) {
		t.Errorf("findings %+v", res.Hosts[0].Findings)
	}
}

// TestBadInputs: one that cannot be read never stops the others, and is told of.
func TestBadInputs(t *testing.T) {
	dir := theCase(t)
	for name, data := range map[string]string{
		"Empty.evtx": "", "Picture.evtx": "\xff\xd8\xff\xe0JFIF", "Cut.evtx": "ElfFile\x00", "notes.htm": "<html><p>hello</html>",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(data), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	res := analyze(t, analyzer.Config{}, dir)
	status := make(map[string]string)
	for _, in := range res.Inputs {
		status[filepath.Base(in.Path)] = in.Status
		if in.Status != "read" && in.Detail == "" {
			t.Errorf("%s is %s without a word why", in.Path, in.Status)
		}
	}
	want := map[string]string{
		"gpresult.htm": "read", "System.evtx": "read", "Empty.evtx": "ignored", "Picture.evtx": "ignored",
		"Cut.evtx": "refused", "notes.htm": "ignored",
	}
	if diff := cmp.Diff(want, status); diff != "" {
		t.Error(diff)
	}
	if len(res.Hosts) != 1 || len(res.Hosts[0].Findings) != 1 {
		t.Errorf("the finding is lost: %+v", res.Hosts)
	}
}

// TestJSONHasNoNullLists: the contract promises lists, empty or not.
func TestJSONHasNoNullLists(t *testing.T) {
	for _, dir := range []string{theCase(t), write(t, map[string]string{"notes.txt": "x"}), write(t, map[string]string{"r.htm.yaml": report})} {
		raw, err := json.Marshal(analyze(t, analyzer.Config{}, dir))
		if err != nil {
			t.Fatal(err)
		}
		var v any
		if err := json.Unmarshal(raw, &v); err != nil {
			t.Fatal(err)
		}
		checkNulls(t, v, "")
	}
}

// checkNulls reports null members other than the times that may be unknown.
func checkNulls(t *testing.T, v any, path string) {
	switch v := v.(type) {
	case map[string]any:
		for k, x := range v {
			if x == nil && !slices.Contains([]string{"first", "last", "since", "from", "to"}, k) {
				t.Errorf("%s.%s is null", path, k)
			}
			checkNulls(t, x, path+"."+k)
		}
	case []any:
		for _, x := range v {
			checkNulls(t, x, path+"[]")
		}
	}
}
