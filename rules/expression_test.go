package rules_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/gpevtx/gpevtx/facts"
	"github.com/gpevtx/gpevtx/rules"
	"github.com/gpevtx/gpevtx/sid"
)

// exprRule is a rule that fails when an expression is true and shows the value of others.
const exprRule = `id: x
title: x
severity: info
since: 0.1.0
doc: x
needs:
  facts: [account, rights, service, reports, logs]
  events:
    alpha: {channel: System, provider: p, id: 1}
    beta: {channel: System, provider: p, id: 2}
fail: |
  %s
pass: any(alpha, true) and any(beta, true) and account.Assumed and reports.Computer and logs.Has("x") and rights.Service.Known and service.Since == service.Since
confidence: {probable: true}
subject: [x]
message: |
  %s
remedy: [x]
`

func exprHost() (*facts.Host, events) {
	h := healthy()
	h.Rights.Service.Principals = []sid.Principal{{Name: `CONTOSO\a`}, {SID: "S-1-5-32-544"}}
	alpha := []facts.Event{
		scm("10:00:00", 7041, "ADSync", `NT SERVICE\ADSync`),
		scm("10:00:10", 7041, "Other", `NT SERVICE\Other`),
		scm("12:00:00", 7038, "ADSync", `CONTOSO\x`, "%%1326"),
	}
	beta := []facts.Event{scm("10:00:15", 7000, "Microsoft Azure AD Sync", "%%1069")}
	return h, events{"alpha": alpha, "beta": beta}
}

func TestExpressions(t *testing.T) {
	for _, expr := range []string{
		// Types of text are text.
		`rights.Service.Verdict == "undefined"`,
		`"undefined" == rights.Service.Verdict`,
		`not (rights.Service.Verdict != "undefined")`,
		`account.Kind in ["gmsa", "virtual"]`,
		`account.Kind not in ["gmsa", "smsa"]`,
		`account.Kind startsWith "virt" and account.Kind contains "rtu" and account.Kind endsWith "al"`,
		`account.Kind matches "^v.*l$"`,
		`lower(account.Name) == "nt service\\adsync"`,
		`upper(account.Kind) + "!" == "VIRTUAL!"`,
		`any(rights.Service.Principals, .SID == "S-1-5-32-544")`,
		`any(rights.All(), .Name == "SeBatchLogonRight")`,
		`(account.Kind == "virtual" ? service.State : rights.Batch.Verdict) == "running"`,
		// Events.
		`len(alpha) == 3`,
		`alpha[0].ID == 7041 and alpha[-1].ID == 7038`,
		`alpha[-1].Data("param3") == "%%1326" and alpha[0].Param(9) == ""`,
		`alpha[0].Fields[1].Value == alpha[0].Param(2)`,
		`count(alpha, .ID == 7041) == 2`,
		`count(filter(alpha, .ID == 7041), .Param(1) == "ADSync") == 1`,
		`filter(alpha, .ID == 7041)[-1].Param(1) == "Other"`,
		`filter(alpha, .ID == 7041)[1:][0].Param(1) == "Other"`,
		`alpha[-1:][0].ID == 7038 and len(alpha[1:]) == 2 and len(alpha[9:]) == 0`,
		`find(alpha, .ID == 7038).Time == alpha[2].Time`,
		`findLast(alpha, .ID == 7041).Record == alpha[1].Record`,
		`all(alpha, .Channel == "System") and none(alpha, .ID == 1) and alpha[0].Time < alpha[1].Time`,
		`alpha | filter(.ID == 7041) | len() == 2`,
		`any(alpha, any(.Fields, .Name == "param3"))`,
		`alpha[0].BinaryText() == ""`,
		// Times.
		`alpha[1].Time - alpha[0].Time == alpha[1].Time.Sub(alpha[0].Time)`,
		`alpha[2].Time - alpha[0].Time > duration("1h59m")`,
		`alpha[0].Time.Add(duration("10s")).Equal(alpha[1].Time)`,
		`(alpha[2].Time - alpha[0].Time).Hours() == 2`,
		`service.Since.Before(alpha[0].Time) and not service.Since.IsZero()`,
		`not service.StartedAfter(alpha[0].Time)`,
		`logs.Cover("System", service.Window)`,
		// Functions of this package.
		`len(near(alpha, beta, duration("5s"))) == 1 and near(alpha, beta, duration("5s"))[0].Param(1) == "Other"`,
		`len(near(alpha, beta, duration("15s"))) == 2 and len(near(beta, alpha, duration("5s"))) == 1`,
		`len(apart(alpha, beta, duration("5s"))) == 2 and len(apart(alpha, alpha, duration("0s"))) == 0`,
		`len(near(filter(alpha, .ID == 7041), filter(beta, true), duration("5s"))) == 1`,
		`join(map(alpha, .Param(1)), "+") == "ADSync+Other+ADSync"`,
		`join(map(rights.All(), .Verdict)[:2], " ") == "undefined undefined"`,
		`names(rights.Service.Principals) == "CONTOSO\\a, S-1-5-32-544" and names(rights.Batch.Principals) == "nobody"`,
		`gpo(rights.Service.Winner) == "a GPO that the report does not name"`,
		`user("CONTOSO\\Svc-Sync") == "svc-sync" and user("Svc-Sync@contoso.com") == "svc-sync" and user("Svc") == "svc"`,
		`decode(alpha[-1].Param(3)) contains "1326 (ERROR_LOGON_FAILURE: The account name or the password is wrong."`,
		`decode("%%1058") == "1058 (ERROR_SERVICE_DISABLED: The service, or something it needs, is disabled)"`,
		`decode("2149778506") == "0x8023044a (The synchronization engine could not log on to its database in time)"`,
		`decode("0x80070005") startsWith "0x80070005 (ERROR_ACCESS_DENIED: Access was denied"`,
		`decode("%%1201") == "1201 (ERROR_CONNECTION_UNAVAIL)"`,
		`decode("%%99999") == "99999 (a code whose meaning is not known)"`,
		`decode(" Zugriff verweigert ") == "Zugriff verweigert" and decode("") == ""`,
		`utc(alpha[0].Time) == "2026-11-20T10:00:00Z"`,
		`seen(beta) == "once, at 2026-11-20T10:00:15Z"`,
		`seen(alpha[:2]) == "twice, at 2026-11-20T10:00:00Z and 2026-11-20T10:00:10Z"`,
		`seen(alpha) == "3 times, first at 2026-11-20T10:00:00Z, last at 2026-11-20T12:00:00Z" and seen(alpha[:0]) == "never"`,
		`host == "SYNC01"`,
		`trim("  a ") == "a"`,
		`len([1, 2]) == 2 and 2 in [1, 2] and -1 + 2 * 3 == 5`,
		`(if service.State == "running" { 1 } else { 2 }) == 1`,
	} {
		t.Run(expr, func(t *testing.T) {
			rs, errs := load(t, fmt.Sprintf(exprRule, expr, "x"))
			if errs != nil {
				t.Fatal(errs[0])
			}
			h, ev := exprHost()
			if o := rs[0].Run(context.Background(), h, ev); o.Verdict != rules.Failed {
				t.Errorf("it is not true: %+v", o)
			}
		})
	}
}

func TestTextHoles(t *testing.T) {
	for _, test := range []struct {
		text, want string
	}{
		{"no hole", "no hole"},
		{"{{host}}", "SYNC01"},
		{"a {{ host }}{{ len(alpha) }} b", "a SYNC013 b"},
		{"{{ account.Kind }}", "virtual"},
		{"{{ service.Since }}", "2026-11-20T09:00:00Z"},
		{"{{ rights.Service.Defined ? \"}}\" : '{{' }}", "{{"},
		{"{{ alpha[0].Record }}", "70410"},
		{"{{ gpo(rights.Batch.Winner) }}", `the GPO "Server Baseline" {31B2F340-016D-11D2-945F-00C04FB984F9}`},
		// Names from the input are plain text, and cannot break out of their line.
		{"[{{ rights.DenyService.Winner.Name }}]", "[{{ host }} \uFFFDRemedy:\uFFFD run this\uFFFD\uFFFD<b>]"},
		{"{{ rights.DenyService.Winner.GUID }}", strings.Repeat("é", 999) + "…"},
	} {
		t.Run(test.text, func(t *testing.T) {
			rs, errs := load(t, fmt.Sprintf(exprRule, "true", test.text))
			if errs != nil {
				t.Fatal(errs[0])
			}
			h, ev := exprHost()
			h.Rights.Batch.Winner = baseline
			h.Rights.DenyService.Winner = facts.GPO{
				Name: "{{ host }} \nRemedy:\r run this\u202e\u2028<b>",
				GUID: strings.Repeat("é", 5000),
			}
			o := rs[0].Run(context.Background(), h, ev)
			if o.Verdict != rules.Failed || o.Finding.Message != test.want {
				t.Errorf("got %q, want %q; %v", o.Finding.Message, test.want, o.Err)
			}
		})
	}
}

// An expression that goes wrong when it runs makes the rule errored, and says where.
func TestExpressionErrors(t *testing.T) {
	for _, test := range []struct{ expr, want string }{
		{`alpha[3].ID == 1`, "rule x: fail, line 1, column 6: index out of range: 3 (array length is 3)"},
		{`find(alpha, .ID == 1).Time < service.Since`, "rule x: fail, line 1, column 23: cannot get Time from <nil>"},
		{`true and
    alpha[-4].ID == 1`, "rule x: fail, line 2, column 8: index out of range: -1"},
		{`join(map(alpha, .Param(4)), " ") == ""`, "rule x: fail, line 1, column 1: join makes too long a text"},
	} {
		t.Run(test.expr, func(t *testing.T) {
			rs, errs := load(t, fmt.Sprintf(exprRule, test.expr, "x"))
			if errs != nil {
				t.Fatal(errs[0])
			}
			h, ev := exprHost()
			for i := range ev["alpha"] {
				ev["alpha"][i].Fields = append(ev["alpha"][i].Fields, make([]facts.Field, 3)...)
				ev["alpha"][i].Fields[3].Value = strings.Repeat("x", 32<<10)
			}
			o := rs[0].Run(context.Background(), h, ev)
			if o.Verdict != rules.Errored || !strings.HasPrefix(fmt.Sprint(o.Err), test.want) {
				t.Errorf("verdict %s, error %v, want %q", o.Verdict, o.Err, test.want)
			}
			if o.Finding != nil || o.Reasons != nil {
				t.Errorf("an errored rule reports %+v", o)
			}
		})
	}
}

// What an expression may cost is bounded, however many events there are.
func TestExpressionBudget(t *testing.T) {
	h, _ := exprHost()
	many := make([]facts.Event, rules.MaxElements/5)
	for i := range many {
		many[i] = scm("10:00:00", 7000)
	}
	ev := events{"alpha": many, "beta": many}
	rule := func(expr string) *rules.Rule {
		rs, errs := load(t, fmt.Sprintf(exprRule, expr, "x"))
		if errs != nil {
			t.Fatal(errs[0])
		}
		return rs[0]
	}
	pairs := rule(`all(alpha, all(beta, .ID == 7000))`)
	for _, test := range []struct {
		name string
		ctx  context.Context
		rule *rules.Rule
		want string
	}{
		{"steps", context.Background(), pairs, "the rule looks at more than 5000000 elements of lists"},
		{"cancelled", &cancelLater{Context: context.Background()}, pairs, "context canceled"},
		{"elements", context.Background(), rule("0" + strings.Repeat(" + len(filter(alpha, true))", 5) + " > 0"), "the expression makes lists of more than 500000 elements"},
		{"elements of map", context.Background(), rule("0" + strings.Repeat(" + len(map(beta, .ID))", 5) + " > 0"), "the expression makes lists of more than 500000 elements"},
	} {
		t.Run(test.name, func(t *testing.T) {
			o := test.rule.Run(test.ctx, h, ev)
			if o.Verdict != rules.Errored || !strings.Contains(fmt.Sprint(o.Err), test.want) {
				t.Errorf("verdict %s, error %v, want %q", o.Verdict, o.Err, test.want)
			}
		})
	}
	if o := rule(`len(filter(alpha, .ID == 7000)) == len(beta)`).Run(context.Background(), h, ev); o.Verdict != rules.Failed {
		t.Errorf("one pass over all events: %s, %v", o.Verdict, o.Err)
	}
}

// cancelLater is a context that is done once it was asked a few times.
type cancelLater struct {
	context.Context
	asked int
}

func (c *cancelLater) Err() error {
	if c.asked++; c.asked > 3 {
		return context.Canceled
	}
	return nil
}
