package rules

import (
	"io/fs"
	"maps"
	"path"
	"reflect"
	"slices"
	"strings"

	"github.com/expr-lang/expr/ast"
	"github.com/expr-lang/expr/parser"
	"go.yaml.in/yaml/v3"

	"github.com/gpevtx/gpevtx/sid"
)

var sidType = reflect.TypeFor[sid.SID]()

// Dir is a folder of rule files.
type Dir struct {
	// Name stands before the names of the files when they are told of, with slashes;
	// empty for nothing.
	Name string
	FS   fs.FS
}

// Review is what [Lint] has to say of rule files.
type Review struct {
	// Files and Rules count what was read; a rule with mistakes counts too.
	Files, Rules int
	// Mistakes are what [Load] or [Validate] would refuse, Warnings what a rule can do and
	// its writer hardly means. Both are in order of place, files in the order of their
	// names. Of a file with more than a hundred of either, one that stands for the whole file
	// tells how many more there are.
	Mistakes, Warnings []*LoadError
}

// LintConfig tells beside which rules rule files are checked. The zero value means none.
type LintConfig struct {
	// Others are the rules that are there already.
	Others []*Rule
	// Replace lets a rule of the files take the place of the other one with its id.
	Replace bool
}

// Lint reads the rule files of all folders, as [Load] does, and checks them as rules that
// are to run together and beside others: it finds all that Load and [Validate] would
// refuse, each with its place, and what is doubtful. The error is one of a file system.
func Lint(cfg LintConfig, dirs ...Dir) (*Review, error) {
	l := &loader{places: map[string]string{}}
	files := 0
	for _, d := range dirs {
		names, err := ruleFiles(d.FS)
		if err != nil {
			return nil, err
		}
		files += len(names)
		for _, name := range names {
			if err := l.file(d.FS, name, path.Join(d.Name, name)); err != nil {
				return nil, err
			}
		}
	}
	l.checkSet(cfg)
	return &Review{
		Files: files, Rules: len(l.read),
		Mistakes: sortLoadErrors(l.mistakes()), Warnings: sortLoadErrors(l.warnings()),
	}, nil
}

// checkSet finds what is wrong with the rules as a set, together with others.
func (l *loader) checkSet(cfg LintConfig) {
	known := map[string]*Rule{}
	for _, r := range cfg.Others {
		known[r.ID] = r
	}
	if cfg.Replace {
		for _, r := range l.read {
			delete(known, r.rule.ID)
		}
	}
	for _, r := range l.read {
		switch {
		case r.id == nil:
		case slices.Contains(cfg.Others, known[r.rule.ID]):
			r.failAt(r.id, "the id %q is taken by a rule that is there already", r.rule.ID)
		case known[r.rule.ID] == nil:
			known[r.rule.ID] = r.rule
		}
	}
	ids := slices.Sorted(maps.Keys(known))
	for _, r := range l.read {
		for i, id := range r.rule.ExplainedBy {
			n := r.explainedBy[i]
			switch other := known[id]; {
			case other == nil:
				r.failAt(n, "there is no rule %q to explain this one%s", id, suggest(id, ids))
			case r.id != nil && known[r.rule.ID] == r.rule && explains(other.ExplainedBy, r.rule.ID, known):
				r.failAt(n, "the rule %q is itself explained by this one, directly or by way of others", id)
			}
		}
	}
}

// style warns of what a rule can do and its writer hardly means.
func (r *reader) style(f fields) {
	r.constant(f["when"], "when", r.spec.when)
	r.constant(f["fail"], "fail", r.spec.fail)
	r.constant(f["pass"], "pass", r.spec.pass)
	if p := r.spec.pass; p != nil && p.absence && !r.mayAskLogs(p) {
		r.warnAt(f["pass"], "pass takes it for a proof that an event is missing, and does not ask whether the log covers the time: "+
			"add logs.Cover(\"System\", service.Window), with the channel of the events")
	}
	if f["evidence"] == nil && f["id"] != nil {
		r.warnAt(f["id"], "the rule has no evidence: its findings show nothing that proves them")
	}
	if f["explained-by"] != nil && f["occurrences"] == nil {
		r.warnAt(f["explained-by"], "explained-by has no effect without the key \"occurrences\": findings are joined when their events come at one time")
	}
	if n := f["message"]; n != nil && !namesHost(r.spec.message) && !namesHost(r.spec.remedy) {
		r.warnAt(n, "neither message nor remedy names the computer: put {{ host }} into one of them")
	}
	if n := f["remedy"]; n != nil {
		r.commands(n)
	}
}

// silentFacts are the facts that say nothing of what the logs cover.
var silentFacts = []string{FactAccount, FactRights, FactLocalPolicy, FactReports, FactSettings}

// mayAskLogs reports whether an expression, or a value that it reads, looks at a fact that
// could tell what the logs cover.
func (r *reader) mayAskLogs(e *expression) bool {
	seen := map[string]bool{}
	for next := slices.Clone(e.reads); len(next) > 0; {
		name := next[0]
		next = next[1:]
		switch {
		case seen[name]:
			continue
		case slices.Contains(factNames, name) && !slices.Contains(silentFacts, name):
			return true
		}
		seen[name] = true
		for _, l := range r.spec.lets {
			if l.name == name {
				next = append(next, l.value.reads...)
			}
		}
	}
	return false
}

// constant warns of a condition that reads nothing.
func (r *reader) constant(n *yaml.Node, key string, e *expression) {
	if e == nil || len(e.reads) > 0 {
		return
	}
	v, err := e.isTrue(map[string]any{budgetName: &budget{}})
	switch {
	case err != nil:
	case key == "pass" && v:
		r.warnAt(n, "pass is always true: \"passed\" claims that all the rule needs was there and that the problem was not")
	case key == "pass":
		r.warnAt(n, "pass is never true: the rule can never say that all is well")
	case v:
		r.warnAt(n, "%s is always true", key)
	default:
		r.warnAt(n, "%s is never true: the rule can never fail", key)
	}
}

// namesHost reports whether a text has a hole for the name of the computer.
func namesHost(lines []line) bool {
	for _, l := range lines {
		for _, p := range l.text {
			if p.hole != nil && slices.Contains(p.hole.reads, hostName) {
				return true
			}
		}
	}
	return false
}

// commands warns of remedy steps whose commands are not shown as such, or hold a name.
func (r *reader) commands(n *yaml.Node) {
	steps := []*yaml.Node{n}
	if n.Kind == yaml.SequenceNode {
		steps = n.Content
	}
	for i, l := range r.spec.remedy {
		open, filled := false, false
		for _, p := range l.text {
			open = open != (strings.Count(p.literal, "`")%2 == 1)
			filled = filled || open && p.hole != nil && p.hole.free
		}
		switch {
		case open:
			r.warnAt(steps[i], "the step has a backquote without a second one: commands stand between two")
		case filled:
			r.warnAt(steps[i], "the command has text of the input in it, by {{ }}: a name can be made to do harm in a prompt; say it in the text")
		}
	}
}

// isFreeText reports whether the value of an expression may be any text. A SID of a fact is
// canonical: it has no more than digits and hyphens behind the S.
func isFreeText(n ast.Node) bool {
	if call, ok := n.(*ast.CallNode); ok && len(call.Arguments) == 1 {
		if f, ok := call.Callee.(*ast.IdentifierNode); ok && f.Value == textName {
			n = call.Arguments[0]
		}
	}
	t := n.Type()
	return t.Kind() == reflect.String && t != sidType
}

// takesAbsence reports whether an expression takes it for a proof that a list of events is
// empty, or that none of them is of a kind. Every node has its type.
func takesAbsence(tree *parser.Tree) bool {
	f := &absenceFinder{}
	ast.Walk(&tree.Node, f)
	return f.found
}

type absenceFinder struct{ found bool }

// Visit is called for every node.
func (f *absenceFinder) Visit(node *ast.Node) {
	switch n := (*node).(type) {
	case *ast.BinaryNode:
		f.found = f.found || n.Operator == "==" && isLenOfEvents(n.Left) && isNumber(n.Right, 0) ||
			n.Operator == "<" && isLenOfEvents(n.Left) && isNumber(n.Right, 1)
	case *ast.BuiltinNode:
		f.found = f.found || n.Name == "none" && ofEvents(n)
	case *ast.UnaryNode:
		switch x := n.Node.(type) {
		case *ast.BuiltinNode:
			f.found = f.found || x.Name == "any" && ofEvents(x)
		case *ast.BinaryNode:
			f.found = f.found || x.Operator == ">" && isLenOfEvents(x.Left) && isNumber(x.Right, 0)
		}
	}
}

func isLenOfEvents(n ast.Node) bool { return isBuiltin(n, "len") && ofEvents(n.(*ast.BuiltinNode)) }

// ofEvents reports whether the first argument of a function is a list of events.
func ofEvents(n *ast.BuiltinNode) bool {
	return len(n.Arguments) > 0 && n.Arguments[0].Type() == eventsType
}

func isNumber(n ast.Node, value int) bool {
	i, ok := n.(*ast.IntegerNode)
	return ok && i.Value == value
}
