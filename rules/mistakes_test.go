package rules_test

import (
	"errors"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/gpevtx/gpevtx/rules"
)

var update = flag.Bool("update", false, "write golden files")

// goodRule is a rule without a mistake, into which the tests put some.
const goodRule = `id: account-expired
title: The account has expired
severity: critical
solution: 3
since: 0.1.0
doc: |
  Looks at event 7038.
links:
  - https://learn.microsoft.com/x
explained-by: [logon-right-refused]
needs:
  facts: [account, service, logs]
  inputs: ['channel:System']
  events:
    expired: {channel: System, provider: Service Control Manager, id: [7038], data: {param1: ADSync, 3: '%%1793'}}
    audit:
      channel: Security
      provider: Microsoft-Windows-Security-Auditing
      id: 4625
      level: 0
      optional: true
let:
  failures: filter(expired, not service.StartedAfter(.Time))
when: account.Kind != "system"
when-reason: It is a system account.
fail: len(failures) > 0
pass: |
  service.State == "running"
  and logs.Cover("System", service.Window)
confidence:
  certain: len(near(failures, audit, duration("10s"))) > 0
  probable: true
occurrences: failures
evidence:
  - from: account.Evidence
  - {role: account expired, from: failures}
subject: ['1793', '{{ account.Name }}']
message:
  - >-
    The account {{ account.Name }} on {{ host }}
    has expired.
  - if: service.State == "running"
    say: Seen {{ seen(failures) }}.
remedy:
  - Set a later date for {{ account.Name }}.
  - {if: account.Assumed, do: Find out the account.}
reasons: [account.Reasons]
`

func load(t testing.TB, text string) ([]*rules.Rule, []*rules.LoadError) {
	t.Helper()
	rs, err := rules.Load(fstest.MapFS{"rules/x.yaml": {Data: []byte(text)}})
	return rs, loadErrors(t, err)
}

// loadErrors takes the error of Load apart.
func loadErrors(t testing.TB, err error) []*rules.LoadError {
	t.Helper()
	if err == nil {
		return nil
	}
	joined, ok := err.(interface{ Unwrap() []error })
	if !ok {
		t.Fatalf("the error is not joined: %v", err)
	}
	var out []*rules.LoadError
	for _, e := range joined.Unwrap() {
		var le *rules.LoadError
		if !errors.As(e, &le) {
			t.Fatalf("not a LoadError: %v", e)
		}
		out = append(out, le)
	}
	return out
}

func TestLoadGoodRule(t *testing.T) {
	rs, errs := load(t, goodRule)
	if errs != nil {
		t.Fatal(errs)
	}
	if len(rs) != 1 {
		t.Fatalf("%d rules, want 1", len(rs))
	}
	r := rs[0]
	if r.ID != "account-expired" || r.Severity != rules.Critical || r.Solution != 3 || r.Since != "0.1.0" ||
		r.Title != "The account has expired" || r.Doc != "Looks at event 7038." {
		t.Errorf("rule = %+v", r)
	}
	if diff := cmp.Diff([]string{"https://learn.microsoft.com/x"}, r.Links); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"logon-right-refused"}, r.ExplainedBy); diff != "" {
		t.Error(diff)
	}
	want := rules.Needs{
		Facts:  []string{"account", "service", "logs"},
		Inputs: []string{"channel:System"},
		Events: []rules.EventNeed{
			{Name: "expired", Selector: selector("System", "Service Control Manager", 7038, "param1", "ADSync", 3, "%%1793")},
			{Name: "audit", Selector: selector("Security", "Microsoft-Windows-Security-Auditing", 4625), Optional: true},
		},
	}
	want.Events[1].Selector.Levels = []uint8{0}
	if diff := cmp.Diff(want, r.Needs); diff != "" {
		t.Error(diff)
	}
}

// mistakes put one mistake each into goodRule. In with, § marks the place at which the
// mistake must be reported.
var mistakes = []struct {
	name          string
	replace, with string
	want          string
}{
	// What nothing that is read can rest on.
	{"needless channel", "inputs: ['channel:System']", "inputs: [§'channel:Setup']", `no fact and no event that the rule reads comes from the input "channel:Setup": leave it out`},
	{"needless channel of several", "inputs: ['channel:System']", "inputs: [§'channel:System|Setup']", `no fact and no event that the rule reads comes from the input "channel:Setup": leave it out`},
	{"needless report", "inputs: ['channel:System']", "inputs: [§computer-report]", `no fact and no event that the rule reads comes from the input "computer-report": leave it out`},

	// Words that a fact never is, and fields that it does not have.
	{"misspelt state", "fail: len(failures) > 0", "fail: service.State == §\"runing\"", `fail: service.State is never "runing": it is one of "running", "failing", "stopped", "disabled", "unknown"; did you mean "running"?`},
	{"misspelt kind", "fail: len(failures) > 0", "fail: not (§\"vitual\" != account.Kind)", `did you mean "virtual"?`},
	{"misspelt in a list", "fail: len(failures) > 0", "fail: service.State in [\"running\", §\"stoped\"]", `did you mean "stopped"?`},
	{"misspelt and denied", "fail: len(failures) > 0", "fail: service.State not in [§\"Running\"]", `did you mean "running"?`},
	{"misspelt confidence", "fail: len(failures) > 0", "fail: account.Confidence == §\"sure\"", `account.Confidence is never "sure": it is one of "certain", "probable", "possible"`},
	{"misspelt start type", "fail: len(failures) > 0", "fail: service.Snapshot.Start == §\"dissabled\"", `did you mean "disabled"?`},
	{"misspelt field of a fact", "fail: len(failures) > 0", "fail: len(service.§Failurs) > 0", `fail: type facts.Service has no field Failurs; did you mean "Failures"?`},
	{"misspelt method of a fact", "fail: len(failures) > 0", "fail: service.§StartetAfter(service.Since)", `did you mean "StartedAfter"?`},
	{"misspelt field in a predicate", "fail: len(failures) > 0", "fail: any(expired, .§Recrd > 1)", `did you mean "Record"?`},

	// The shape of a rule.
	{"unknown key", "severity: critical", "§sevrity: critical\nseverity: error", `a rule has no key "sevrity"; did you mean "severity"?`},
	{"unknown key, nothing like it", "severity: critical", "severity: critical\n§owner: me", `a rule has no key "owner"`},
	{"missing key", "id: account-expired\ntitle: The account has expired\n", "§id: account-expired\n", `a rule lacks the key "title"`},
	{"key given twice", "solution: 3", "solution: 3\n§solution: 2", `the key "solution" is given twice`},
	{"key that is a list", "solution: 3", "solution: 3\n? §[a]\n: 1", "a key of a rule must be a word, not a list"},
	{"anchor", "title: The account has expired", "title: §&a The account has expired", "an anchor (&a) is not allowed"},
	{"tag", "fail: len(failures) > 0", "fail: §!service.StartedAfter(service.Since)", `a tag (!service.StartedAfter(service.Since)) is not allowed`},
	{"nested too deep", "solution: 3", "solution: [[[[[[[§[x]]]]]]]]", "nested deeper than 8 levels"},
	// What describes it.
	{"bad id", "id: account-expired", "id: §Account_Expired", `the id "Account_Expired" is not made of lower-case words joined by hyphens`},
	{"title is a number", "title: The account has expired", "title: §42", "title must be text, not a number: put it in quotes"},
	{"title is empty", "title: The account has expired", "title: §''", "title is empty"},
	{"title is a list", "title: The account has expired", "title: §[a]", "title must be text, not a list"},
	{"bad severity", "severity: critical", "severity: §fatal", `the severity "fatal" is not critical, error, warning or info`},
	{"solution out of range", "solution: 3", "solution: §4", `solution must be a whole number from 1 to 3, not "4"`},
	{"version that YAML takes for a number", "since: 0.1.0", "since: §0.1", `since must be a version such as 0.1.0, not "0.1"`},
	{"link without https", "  - https://learn.microsoft.com/x", "  - §http://learn.microsoft.com/x", `a link must be an https address`},
	{"links is text", "links:\n  - https://learn.microsoft.com/x", "links: §https://learn.microsoft.com/x", "links must be a list, not text"},
	{"explained by itself", "[logon-right-refused]", "[§account-expired]", "a rule cannot explain itself"},
	{"explained by no id", "[logon-right-refused]", "[§'Logon right']", `explained-by names rules by their ids, and "Logon right" is none`},
	{"explained by one rule twice", "[logon-right-refused]", "[logon-right-refused, §logon-right-refused]", `the rule "logon-right-refused" is named twice`},
	// What it needs.
	{"unknown fact", "facts: [account, service, logs]", "facts: [account, §servce, service, logs]", `there is no fact "servce": the facts are account, rights, localPolicy, service, engine, reports, logs, settings, policy; did you mean "service"?`},
	{"fact declared twice", "facts: [account, service, logs]", "facts: [account, service, logs, §account]", `the fact "account" is declared twice`},
	{"fact that nothing reads", "facts: [account, service, logs]", "facts: [account, service, logs, §reports]", `"reports" is declared, but no expression reads it`},
	{"unknown input", "inputs: ['channel:System']", "inputs: [§channel]", `there is no kind of input "channel"`},
	{"empty list", "inputs: ['channel:System']", "inputs: §[]", "needs.inputs must not be an empty list: leave the key out"},
	{"events without a provider", "    audit:\n      channel: Security\n      provider: Microsoft-Windows-Security-Auditing\n", "    audit:\n      §channel: Security\n", `needs.events.audit lacks the key "provider"`},
	{"event id out of range", "id: 4625", "id: §70000", `needs.events.audit.id must be a whole number from 0 to 65535, not "70000"`},
	{"event id that is a word", "id: 4625", "id: [4624, §x]", `needs.events.audit.id must be a whole number from 0 to 65535, not "x"`},
	{"optional that is no boolean", "optional: true", "optional: §maybe", `needs.events.audit.optional must be true or false, not "maybe"`},
	{"events with the name of a fact", "    audit:\n", "    §rights:\n", `the name "rights" is taken`},
	{"events with the name of a function", "    audit:\n", "    §any:\n", `the name "any" is a word of the expression language`},
	{"events with a malformed name", "    audit:\n", "    §Audit:\n", `the name "Audit" is not a word of letters and digits that begins with a small letter`},
	{"datum number out of range", "3: '%%1793'", "§0: '%%1793'", `the number of a datum must be a whole number from 1 to 1000, not "0"`},
	{"events that nothing reads", "len(near(failures, audit, duration(\"10s\"))) > 0", "len(failures) > 2", `§"audit" is declared, but no expression reads it`},
	// Expressions.
	{"expression with a syntax error", "fail: len(failures) > 0", "fail: len(failures) > §)", `fail: unexpected ")"`},
	{"expression that a comment cuts off", "fail: len(failures) > 0", "fail: any(failures§, #.ID == 7038)", "YAML took what follows # for a comment: put the expression in quotes"},
	{"unknown name", "fail: len(failures) > 0", "fail: len(§failure) > 0", `fail: unknown name "failure"; did you mean "failures"?`},
	{"undeclared fact", "fail: len(failures) > 0", `fail: len(failures) > 0 and §rights.Service.Known`, `fail: the fact "rights" is not declared in needs.facts`},
	{"undeclared events", "fail: len(failures) > 0", `fail: len(failures) > 0 and len(§refused) > 0`, `fail: unknown name "refused"`},
	{"unknown field", "fail: len(failures) > 0", `fail: account.§Nam == "x"`, "fail: type facts.Account has no field Nam"},
	{"unknown method", "fail: len(failures) > 0", `fail: service.§Started()`, "fail: type facts.Service has no method Started"},
	{"condition that is a number", "fail: len(failures) > 0", "fail: §len(failures)", "fail: the expression gives a number, but fail must give true or false"},
	{"numbers compared with text", "fail: len(failures) > 0", `fail: len(failures) §== "0"`, "fail: invalid operation: == (mismatched types int and string)"},
	{"wrong argument", "fail: len(failures) > 0", `fail: service.StartedAfter(§7)`, "fail: cannot use int as argument (type time.Time) to call StartedAfter"},
	{"wrong name in an argument", "fail: len(failures) > 0", `fail: service.StartedAfter(failures[0].§Tme)`, "fail: type facts.Event has no field Tme"},
	{"error in the second line of a block", "  and logs.Cover(\"System\", service.Window)", "  and logs.Cover(\"System\", service.§Windw)", "pass: type facts.Service has no field Windw"},
	{"error in an expression in quotes", "fail: len(failures) > 0", `fail: 'account.Kind == "x" and §nobody'`, `fail: unknown name "nobody"`},
	{"error in an expression with an escape", "fail: len(failures) > 0", `fail: §"account.Kind == \"x\" and nobody"`, `fail: unknown name "nobody"`},
	{"clock", "fail: len(failures) > 0", `fail: service.Since < §now()`, "fail: rules cannot use the function now"},
	{"time zone of the machine", "fail: len(failures) > 0", `fail: service.Since.§Local() == service.Since`, "fail: rules cannot call this method of a time"},
	{"range", "fail: len(failures) > 0", `fail: len(1§..1000000) > 0`, "fail: rules cannot use the operator .."},
	{"variable", "fail: len(failures) > 0", `fail: let §x = 1; x > 0`, `fail: rules cannot use let in an expression`},
	{"accumulator", "fail: len(failures) > 0", `fail: '§reduce(failures, 1, 0) > 0'`, "fail: rules cannot use the function reduce"},
	{"count without a predicate", "fail: len(failures) > 0", `fail: §count(failures) > 0`, "fail: count needs a predicate; the number of elements is len"},
	{"nothing", "fail: len(failures) > 0", `fail: find(failures, .ID == 1) == §nil`, "fail: rules cannot use nil"},
	{"chain", "fail: len(failures) > 0", `fail: find(failures, .ID == 1)?.§ID == 1`, "fail: rules cannot use ?."},
	{"map", "fail: len(failures) > 0", `fail: 'len(§{}) > 0'`, "fail: rules cannot use maps"},
	{"bytes", "fail: len(failures) > 0", `fail: len(§b"x") > 0`, "fail: rules cannot use bytes"},
	{"fraction", "fail: len(failures) > 0", `fail: §0.5 > 0`, "fail: rules cannot use fractions"},
	{"sequence", "fail: len(failures) > 0", `fail: §true; false`, "fail: rules cannot use several expressions joined by ;"},
	{"place in a list", "fail: len(failures) > 0", `fail: 'any(failures, §#index > 1)'`, "fail: rules cannot use #index"},
	{"map in a predicate", "fail: len(failures) > 0", `fail: any(failures, len(§map(.Fields, .Name)) > 1)`, "fail: map cannot stand in a predicate"},
	{"duration that is no constant", `duration("10s")`, `§duration(host)`, `confidence.certain: the argument of duration must be a constant, such as "10s"`},
	{"choice of different types", "fail: len(failures) > 0", `fail: '(§true ? 1 : "a") == 1'`, "fail: the choice behind this condition has results of different types"},
	{"part of unknown type", "fail: len(failures) > 0", `fail: '[1, "a"]§[0] == 1'`, "fail: the type of this part cannot be told"},
	{"expression that is a list", "fail: len(failures) > 0", `fail: §[a]`, "fail must be text, not a list"},
	{"expression that is nothing", "fail: len(failures) > 0", `fail: §~`, "fail is empty"},
	{"text that is a date", "title: The account has expired", "title: §2020-01-01", "title must be text, not a date"},
	{"text that is a truth", "title: The account has expired", "title: §true", "title must be text, not true or false: put it in quotes"},
	{"text that is a mapping", "title: The account has expired", "title: §{a: b}", "title must be text, not a mapping"},
	{"events that are a list", "let:\n  failures: filter(expired, not service.StartedAfter(.Time))", "let: §[a]", "let must be a mapping of names to values, not a list"},
	{"name given twice", "  failures: filter(", "  failures: len(expired)\n  §failures: filter(", `the name "failures" is given twice`},
	{"name that is a list", "  failures: filter(", "  ? §[a]\n  : len(expired)\n  failures: filter(", "a name in let must be a word, not a list"},
	{"input named twice", "inputs: ['channel:System']", "inputs: ['channel:System', §'channel:System']", `the input "channel:System" is named twice`},
	{"link that is a number", "  - https://learn.microsoft.com/x", "  - §1", "a link must be text, not a number"},
	{"reason without a condition", "when: account.Kind != \"system\"\n", "", `§when-reason stands without the key "when"`},
	{"confidence that is text", "confidence:\n  certain: len(near(failures, audit, duration(\"10s\"))) > 0\n  probable: true", "confidence: §high", "confidence must be a mapping of keys to values, not text"},
	{"evidence without a place", "  - from: account.Evidence", "  - §role: x", `a part of evidence lacks the key "from"`},
	{"comment after a bad expression", "fail: len(failures) > 0", "fail: account.§Nam == \"x\" # a comment", "fail: type facts.Account has no field Nam; did you mean \"Name\"?; YAML took what follows # for a comment"},
	{"environment", "fail: len(failures) > 0", `fail: §$env["account"] == "x"`, `fail: unknown name "$env"`},
	{"predicates nested too deep", "fail: len(failures) > 0", `fail: any(failures, any(.Fields, §any(failures, .ID == 1)))`, "fail: predicates are nested deeper than 2"},
	{"list function in a predicate", "fail: len(failures) > 0", `fail: any(failures, len(§near(failures, audit, duration("1s"))) > 0)`, "fail: near cannot stand in a predicate"},
	{"lists compared", "fail: len(failures) > 0", `fail: failures §== audit`, "fail: events cannot be compared: compare a part of it"},
	{"pattern from the input", "fail: len(failures) > 0", `fail: account.Name §matches host`, "fail: the pattern of matches must be a constant"},
	{"malformed pattern", "fail: len(failures) > 0", `fail: account.Name §matches "("`, "fail: error parsing regexp: missing closing ): `(`"},
	{"in without constants", "fail: len(failures) > 0", `fail: account.Name §in [host]`, "fail: the right side of in must be a list of constants"},
	{"malformed duration", `duration("10s")`, `duration(§"10 s")`, `confidence.certain: "10 s" is not a duration such as "10s" or "1h30m"`},
	{"misspelt function", `duration("10s")`, `§duraton("10s")`, `confidence.certain: there is no function "duraton"; did you mean "duration"?`},
	{"expression that is too long", "fail: len(failures) > 0", `fail: §true` + strings.Repeat(" or true", 500), "fail: the expression is longer than 4000 bytes"},
	{"expression of too many parts", "fail: len(failures) > 0", `fail: ` + strings.Repeat("1+", 600) + "1 > 0", "§fail: compilation failed: expression exceeds maximum allowed nodes"},
	// Values, confidence, texts and the like.
	{"value that is text", "  failures: filter(", "  who: §account.Name\n  failures: filter(", "let.who: the expression gives text, but let.who must give events or evidence items or true or false or a number or a time"},
	{"value that nothing reads", "  failures: filter(", "  §old: len(audit)\n  failures: filter(", `"old" is declared, but no expression reads it`},
	{"value with a name that is taken", "  failures: filter(", "  §audit: len(expired)\n  failures: filter(", `the name "audit" is taken`},
	{"when without a reason", "when-reason: It is a system account.\n", "", `§when needs the key "when-reason"`},
	{"confidence without an end", "  probable: true\n", "", "§the last confidence must be true, so that every finding has one"},
	{"confidence that is never reached", "  probable: true\n", "  probable: true\n  possible: §len(failures) > 1\n", "confidence.possible is never reached: a better one is always true"},
	{"unknown confidence", "  probable: true\n", "  probable: true\n  §likely: true\n", `confidence has no key "likely"`},
	{"occurrences that are no events", "occurrences: failures", "occurrences: §account.Reasons", "occurrences: the expression gives reasons, but occurrences must give events"},
	{"events as evidence without a role", "  - {role: account expired, from: failures}", "  - §from: failures", `events as evidence need the key "role", to say what they show`},
	{"evidence that is none", "from: account.Evidence", "from: §account.Name", "evidence.from: the expression gives text, but evidence.from must give evidence items or events or an event"},
	{"hole of a wrong type", "Seen {{ seen(failures) }}.", "Seen {{ §failures }}.", "message: the expression gives events, but message must give text or a number or a time"},
	{"hole in a folded text", "has expired.\n", "has {{ account.§Expiry }} expired.\n", "message: type facts.Account has no field Expiry"},
	{"hole that is not closed", "Seen {{ seen(failures) }}.", "Seen §{{ seen(failures).", "message: {{ without }} after it"},
	{"hole that is not opened", "Seen {{ seen(failures) }}.", "Seen seen(failures) §}}.", "message: }} without {{ before it"},
	{"text that begins with a hole", "    say: Seen {{ seen(failures) }}.", "    say: §{{ seen(failures) }}", "message begins with {{: put it in quotes"},
	{"step that begins with a hole", "  - Set a later date for {{ account.Name }}.", "  - §{{ account.Name }}", "remedy begins with {{: put it in quotes"},
	{"step with the key of a message", "{if: account.Assumed, do: Find out the account.}", "{if: account.Assumed, do: Find out the account., §say: x}", `a conditional part of remedy has no key "say"`},
	{"step without a condition", "{if: account.Assumed, do: Find out the account.}", "§{do: Find out the account.}", `a conditional part of remedy lacks the key "if"`},
	{"message of conditions only", "  - >-\n    The account {{ account.Name }} on {{ host }}\n    has expired.\n  - if: ", "  §- if: ", "message needs a part without a condition"},
	{"reasons that are none", "reasons: [account.Reasons]", "reasons: §account.Name", "reasons: the expression gives text, but reasons must give reasons"},
	// YAML itself.
	{"tab", "  facts: [account", "§\tfacts: [account", "not valid YAML: found character that cannot start any token; the line is indented with a tab, where YAML wants spaces"},
	{"quote that is not closed", "reasons: [account.Reasons]", "§reasons: 'account.Reasons", "not valid YAML: found unexpected end of stream"},
	{"wrong indent", "severity: critical", " §severity: critical", "not valid YAML: mapping values are not allowed in this context"},
	{"key without a colon", "severity: critical", "§severity critical", "not valid YAML: could not find expected ':'"},
	{"bracket that is not closed", "[logon-right-refused]", "[logon-right-refused", "§not valid YAML: did not find expected ',' or ']'"},
	{"list among keys", "severity: critical", "§- severity", "not valid YAML: did not find expected key"},
	{"unknown anchor", "title: The account has expired", "§title: *name", "not valid YAML: unknown anchor 'name' referenced"},
}

// anywhere are the mistakes that are not where the text was changed: § stands in what is
// wanted, and the place is checked by the golden file alone.
func anywhere(want string) (string, bool) { return strings.CutPrefix(want, "§") }

func TestLoadMistakes(t *testing.T) {
	var golden strings.Builder
	for _, test := range mistakes {
		t.Run(test.name, func(t *testing.T) {
			if strings.Count(goodRule, test.replace) != 1 {
				t.Fatalf("%q stands %d times in the rule", test.replace, strings.Count(goodRule, test.replace))
			}
			marked := strings.Replace(goodRule, test.replace, test.with, 1)
			before, after, found := strings.Cut(marked, "§")
			want, elsewhere := anywhere(test.want)
			if found == elsewhere {
				t.Fatal("the test must mark the place once")
			}
			rs, errs := load(t, before+after)
			if len(errs) != 1 || rs != nil {
				t.Fatalf("%d rules and these errors, want one error:\n%v", len(rs), errs)
			}
			got := errs[0]
			if !strings.Contains(got.Message, want) {
				t.Errorf("message %q, want %q", got.Message, want)
			}
			line := strings.Count(before, "\n") + 1
			column := utf8.RuneCountInString(before[strings.LastIndex(before, "\n")+1:]) + 1
			if found && (got.Line != line || got.Column != column) {
				t.Errorf("place %d:%d, want %d:%d\n%v", got.Line, got.Column, line, column, got)
			}
			golden.WriteString("-- " + test.name + " --\n" + got.Error() + "\n")
		})
	}
	compareGolden(t, "mistakes.golden", golden.String())
}

func compareGolden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", path, diff)
	}
}
