package rules

import (
	"net/url"
	"reflect"
	"regexp"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/gpevtx/gpevtx/evtx"
	"github.com/gpevtx/gpevtx/facts"
)

// ruleKeys are the keys of a rule.
var ruleKeys = []key{
	{"id", true},
	{"title", true},
	{"severity", true},
	{"solution", false},
	{"since", true},
	{"doc", true},
	{"links", false},
	{"explained-by", false},
	{"needs", true},
	{"let", false},
	{"when", false},
	{"when-reason", false},
	{"fail", true},
	{"pass", true},
	{"confidence", true},
	{"occurrences", false},
	{"evidence", false},
	{"subject", true},
	{"message", true},
	{"remedy", true},
	{"reasons", false},
}

var (
	idPattern      = regexp.MustCompile(`^[a-z][a-z0-9]*(-[a-z0-9]+)*$`)
	namePattern    = regexp.MustCompile(`^[a-z][A-Za-z0-9]*$`)
	versionPattern = regexp.MustCompile(`^(0|[1-9][0-9]*)\.(0|[1-9][0-9]*)\.(0|[1-9][0-9]*)$`)
)

// severities and confidences in their order.
var (
	severities  = []Severity{Critical, Error, Warning, Info}
	confidences = []facts.Confidence{facts.Certain, facts.Probable, facts.Possible}
)

// reader reads one rule from YAML.
type reader struct {
	*source
	scope *scope
	rule  *Rule
	spec  spec
	// id is where the id stands, nil if there is no proper one; explainedBy is where the
	// elements of the rule's ExplainedBy stand.
	id          *yaml.Node
	explainedBy []*yaml.Node
	// needs holds the nodes at which names were declared, inputs those at which kinds of
	// input were.
	needs, inputs map[string]*yaml.Node
}

// readRule reads a rule; mistakes and warnings are noted in src.
func readRule(src *source, root *yaml.Node, types *typeCache) *reader {
	r := &reader{source: src, scope: newScope(types), rule: &Rule{}, needs: map[string]*yaml.Node{}, inputs: map[string]*yaml.Node{}}
	f := src.mapping(root, "a rule", ruleKeys)
	if f == nil {
		return r
	}
	r.about(f)
	before := src.errs.count
	r.readNeeds(f["needs"])
	r.scope.incomplete = src.errs.count > before || f["needs"] == nil
	if !r.readLet(f["let"]) {
		return r // what reads the values would be reported for the mistake in them
	}
	r.conditions(f)
	r.finding(f)
	if src.errs.count == before && !types.deferring {
		r.unused()
		r.style(f)
	}
	s := r.spec
	r.rule.Eval = s.eval
	return r
}

// about reads what describes the rule.
func (r *reader) about(f fields) {
	rule := r.rule
	if n := f["id"]; n != nil {
		if v, ok := r.text(n, "id"); ok {
			rule.ID = v
			if idPattern.MatchString(v) {
				r.id = n
			} else {
				r.failAt(n, "the id %q is not made of lower-case words joined by hyphens", v)
			}
		}
	}
	for name, to := range map[string]*string{"title": &rule.Title, "doc": &rule.Doc} {
		if n := f[name]; n != nil {
			*to, _ = r.text(n, name)
		}
	}
	if n := f["severity"]; n != nil {
		v, ok := r.text(n, "severity")
		rule.Severity = Severity(v)
		if ok && !slices.Contains(severities, rule.Severity) {
			r.failAt(n, "the severity %q is not critical, error, warning or info", v)
		}
	}
	if n := f["since"]; n != nil {
		v, ok := r.scalar(n, "since")
		rule.Since = v
		if ok && !versionPattern.MatchString(v) {
			r.failAt(n, "since must be a version such as 0.1.0, not %q", v)
		}
	}
	if n := f["solution"]; n != nil {
		rule.Solution, _ = r.number(n, "solution", 1, 3)
	}
	if n := f["links"]; n != nil {
		for _, e := range r.list(n, "links") {
			r.link(e)
		}
	}
	if n := f["explained-by"]; n != nil {
		for _, e := range r.list(n, "explained-by") {
			r.explanation(e)
		}
	}
}

func (r *reader) link(n *yaml.Node) {
	v, ok := r.text(n, "a link")
	if !ok {
		return
	}
	if u, err := url.Parse(v); err != nil || u.Scheme != "https" || u.Host == "" {
		r.failAt(n, "a link must be an https address, not %q", v)
	}
	r.rule.Links = append(r.rule.Links, v)
}

func (r *reader) explanation(n *yaml.Node) {
	v, ok := r.text(n, "explained-by")
	switch {
	case !ok:
	case !idPattern.MatchString(v):
		r.failAt(n, "explained-by names rules by their ids, and %q is none", v)
	case v == r.rule.ID:
		r.failAt(n, "a rule cannot explain itself")
	case slices.Contains(r.rule.ExplainedBy, v):
		r.failAt(n, "the rule %q is named twice", v)
	default:
		r.rule.ExplainedBy = append(r.rule.ExplainedBy, v)
		r.explainedBy = append(r.explainedBy, n)
	}
}

// readNeeds reads what the rule needs, and declares the names.
func (r *reader) readNeeds(n *yaml.Node) {
	if n == nil {
		return
	}
	f := r.mapping(n, "needs", []key{{"facts", false}, {"inputs", false}, {"events", false}})
	if n := f["facts"]; n != nil {
		for _, e := range r.list(n, "needs.facts") {
			r.needFact(e)
		}
	}
	if n := f["inputs"]; n != nil {
		for _, e := range r.list(n, "needs.inputs") {
			r.needInput(e)
		}
	}
	if n := f["events"]; n != nil {
		for _, p := range r.pairs(n, "needs.events") {
			r.needEvents(p[0], p[1])
		}
	}
}

func (r *reader) needFact(n *yaml.Node) {
	v, ok := r.text(n, "a fact")
	switch {
	case !ok:
	case !slices.Contains(factNames, v):
		r.failAt(n, "there is no fact %q: the facts are %s%s", v, strings.Join(factNames, ", "), suggest(v, factNames))
	case r.needs[v] != nil:
		r.failAt(n, "the fact %q is declared twice", v)
	default:
		r.rule.Needs.Facts = append(r.rule.Needs.Facts, v)
		r.needs[v] = n
		r.scope.declare(v, factOf(&r.scope.types.host, v))
	}
}

// factOf returns a fact of a host by its name.
func factOf(h *facts.Host, name string) any {
	switch name {
	case FactAccount:
		return &h.Account
	case FactRights:
		return &h.Rights
	case FactLocalPolicy:
		return &h.LocalPolicy
	case FactService:
		return &h.Service
	case FactEngine:
		return &h.Engine
	case FactReports:
		return &h.Reports
	case FactSettings:
		return &h.Settings
	case FactPolicy:
		return &h.Policy
	}
	return &h.Logs
}

func (r *reader) needInput(n *yaml.Node) {
	v, ok := r.text(n, "an input")
	switch {
	case !ok:
	case !knownInput(v):
		r.failAt(n, "there is no kind of input %q: it must be %s, %s, %s, %s or %sNAME",
			v, InputReport, InputComputerReport, InputRights, InputService, InputChannel)
	case slices.Contains(r.rule.Needs.Inputs, v):
		r.failAt(n, "the input %q is named twice", v)
	default:
		r.rule.Needs.Inputs = append(r.rule.Needs.Inputs, v)
		r.inputs[v] = n
	}
}

// newName checks a name that the rule gives to something.
func (r *reader) newName(n *yaml.Node) bool {
	switch {
	case !namePattern.MatchString(n.Value):
		r.failAt(n, "the name %q is not a word of letters and digits that begins with a small letter", n.Value)
	case r.scope.vars[n.Value] != nil || slices.Contains(factNames, n.Value):
		r.failAt(n, "the name %q is taken", n.Value)
	case slices.Contains(functionNames(), n.Value) || slices.Contains(reserved, n.Value):
		r.failAt(n, "the name %q is a word of the expression language", n.Value)
	default:
		return true
	}
	return false
}

// reserved are the words of the expression language that are no names.
var reserved = []string{
	"true", "false", "nil", "not", "and", "or", "in", "matches", "contains",
	"startsWith", "endsWith", "let", "if", "else",
}

// needEvents reads one named selector.
func (r *reader) needEvents(name, n *yaml.Node) {
	if !r.newName(name) {
		return
	}
	what := "needs.events." + name.Value
	f := r.mapping(n, what, []key{
		{"channel", true},
		{"provider", true},
		{"id", true},
		{"level", false},
		{"data", false},
		{"optional", false},
	})
	need := EventNeed{Name: name.Value}
	sel := &need.Selector
	sel.Channels = r.words(f["channel"], what+".channel")
	sel.Providers = r.words(f["provider"], what+".provider")
	for _, i := range r.numbers(f["id"], what+".id", 65535) {
		sel.IDs = append(sel.IDs, uint16(i))
	}
	for _, i := range r.numbers(f["level"], what+".level", 255) {
		sel.Levels = append(sel.Levels, uint8(i))
	}
	if n := f["data"]; n != nil {
		for _, p := range r.pairs(n, what+".data") {
			sel.Data = append(sel.Data, r.dataTest(p[0], p[1], what+".data"))
		}
	}
	if n := f["optional"]; n != nil {
		need.Optional = r.boolean(n, what+".optional")
	}
	r.rule.Needs.Events = append(r.rule.Needs.Events, need)
	r.needs[need.Name] = name
	r.scope.declare(need.Name, []facts.Event(nil))
}

// words reads a text or a list of texts.
func (r *reader) words(n *yaml.Node, what string) []string {
	if n == nil {
		return nil
	}
	var words []string
	for _, e := range r.oneOrMore(n, what) {
		if v, ok := r.text(e, what); ok {
			words = append(words, v)
		}
	}
	return words
}

// numbers reads a whole number or a list of them.
func (r *reader) numbers(n *yaml.Node, what string, high int) []int {
	if n == nil {
		return nil
	}
	var numbers []int
	for _, e := range r.oneOrMore(n, what) {
		if v, ok := r.number(e, what, 0, high); ok {
			numbers = append(numbers, v)
		}
	}
	return numbers
}

// dataTest reads the values that one datum of an event may have. The key is the name of
// the datum, or its number from 1.
func (r *reader) dataTest(k, n *yaml.Node, what string) evtx.DataTest {
	t := evtx.DataTest{Name: k.Value}
	if k.Tag == "!!int" {
		t.Name = ""
		t.Index, _ = r.number(k, "the number of a datum", 1, 1000)
	}
	for _, e := range r.oneOrMore(n, what) {
		if v, ok := r.scalar(e, what); ok {
			t.Values = append(t.Values, v)
		}
	}
	return t
}

// readLet reads the values that the rule defines for its expressions, and reports whether
// each name stands for what its writer meant.
func (r *reader) readLet(n *yaml.Node) bool {
	if n == nil {
		return true
	}
	before := r.errs.count
	pairs := r.pairs(n, "let")
	if r.errs.count > before {
		return false
	}
	for _, p := range pairs {
		if !r.newName(p[0]) {
			continue
		}
		name := p[0].Value
		e := r.scope.expr(r.source, p[1], "let."+name, eventsType, itemsType, boolType, intType, timeType)
		if e == nil {
			r.scope.incomplete = true
			continue
		}
		r.spec.lets = append(r.spec.lets, let{name, e})
		r.needs[name] = p[0]
		if e.later != nil {
			e.later.let = name
		} else {
			r.scope.declare(name, reflect.Zero(e.typ).Interface())
		}
	}
	return true
}

// conditions reads what decides the verdict.
func (r *reader) conditions(f fields) {
	if n := f["when"]; n != nil {
		r.spec.when = r.scope.condition(r.source, n, "when")
		if f["when-reason"] == nil {
			r.failAt(n, "when needs the key \"when-reason\", to say why the rule does not apply")
		}
	}
	if n := f["when-reason"]; n != nil {
		r.spec.whenReason = r.scope.compileText(r.source, n, "when-reason")
		if f["when"] == nil {
			r.failAt(n, "when-reason stands without the key \"when\"")
		}
	}
	if n := f["fail"]; n != nil {
		r.spec.fail = r.scope.condition(r.source, n, "fail")
	}
	if n := f["pass"]; n != nil {
		r.spec.pass = r.scope.condition(r.source, n, "pass")
	}
	if n := f["confidence"]; n != nil {
		r.confidence(n)
	}
	if n := f["reasons"]; n != nil {
		for _, e := range r.oneOrMore(n, "reasons") {
			r.spec.reasons = append(r.spec.reasons, r.scope.expr(r.source, e, "reasons", reasonsType))
		}
	}
}

// confidence reads the conditions of the confidences, from the best to the worst. One of
// them, the last, is always true.
func (r *reader) confidence(n *yaml.Node) {
	keys := make([]key, len(confidences))
	for i, c := range confidences {
		keys[i].name = string(c)
	}
	f := r.mapping(n, "confidence", keys)
	if f == nil {
		return
	}
	always := false
	for _, c := range confidences {
		e := f[string(c)]
		if e == nil {
			continue
		}
		if always {
			r.failAt(e, "confidence.%s is never reached: a better one is always true", c)
		}
		always = always || e.Kind == yaml.ScalarNode && e.Value == "true"
		r.spec.confidence = append(r.spec.confidence, branch{c, r.scope.condition(r.source, e, "confidence."+string(c))})
	}
	if !always {
		r.failAt(n, "the last confidence must be true, so that every finding has one")
	}
}

// finding reads what the rule reports.
func (r *reader) finding(f fields) {
	s := &r.spec
	if n := f["message"]; n != nil {
		s.message = r.scope.compileLines(r.source, n, "message", "say")
		if !slices.ContainsFunc(s.message, func(l line) bool { return l.when == nil }) {
			r.failAt(n, "message needs a part without a condition")
		}
	}
	if n := f["remedy"]; n != nil {
		s.remedy = r.scope.compileLines(r.source, n, "remedy", "do")
		for _, l := range s.remedy {
			r.rule.Remedy = append(r.rule.Remedy, l.step)
		}
	}
	if n := f["subject"]; n != nil {
		for _, e := range r.list(n, "subject") {
			s.subject = append(s.subject, r.scope.compileText(r.source, e, "subject"))
		}
	}
	if n := f["occurrences"]; n != nil {
		for _, e := range r.oneOrMore(n, "occurrences") {
			s.occurrences = append(s.occurrences, r.scope.expr(r.source, e, "occurrences", eventsType))
		}
	}
	if n := f["evidence"]; n != nil {
		for _, e := range r.list(n, "evidence") {
			r.evidence(e)
		}
	}
}

// evidence reads where a part of the evidence comes from.
func (r *reader) evidence(n *yaml.Node) {
	f := r.mapping(n, "a part of evidence", []key{{"role", false}, {"from", true}})
	if f["from"] == nil {
		return
	}
	var p part
	if role := f["role"]; role != nil {
		p.role, _ = r.text(role, "evidence.role")
	}
	p.from = r.scope.expr(r.source, f["from"], "evidence.from", itemsType, eventsType, eventType)
	if p.from != nil && p.from.later == nil && p.from.typ != itemsType && f["role"] == nil {
		r.failAt(n, "events as evidence need the key \"role\", to say what they show")
	}
	r.spec.evidence = append(r.spec.evidence, p)
}

// unused notes what is declared and never read, and inputs on which nothing that is read can
// rest.
func (r *reader) unused() {
	for input, n := range r.inputs {
		for kind := range strings.SplitSeq(strings.ReplaceAll(input, "|", "|"+InputChannel), "|") {
			if !r.rule.Needs.canRestOn(kind, r.scope.channels()) {
				r.failAt(n, "no fact and no event that the rule reads comes from the input %q: leave it out", kind)
			}
		}
	}
	for name, n := range r.needs {
		if !r.scope.used[name] {
			r.failAt(n, "%q is declared, but no expression reads it", name)
		}
	}
}
