package rules

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/expr-lang/expr/ast"
	"github.com/expr-lang/expr/checker"
	"github.com/expr-lang/expr/checker/nature"
	"github.com/expr-lang/expr/compiler"
	"github.com/expr-lang/expr/conf"
	"github.com/expr-lang/expr/file"
	"github.com/expr-lang/expr/parser"
	"github.com/expr-lang/expr/vm"
	"go.yaml.in/yaml/v3"

	"github.com/gpevtx/gpevtx/evidence"
	"github.com/gpevtx/gpevtx/facts"
)

// The bounds of expressions. They are wide for a rule that a person writes, and keep
// a rule from running away on an input that holds a million events.
const (
	// MaxExpression is the length of the longest expression, in bytes.
	MaxExpression = 4000
	// MaxExpressionNodes is the number of operations and operands of one expression.
	MaxExpressionNodes = 1000
	// MaxSteps is how often the expressions of one rule together may look at an
	// element of a list on one host.
	MaxSteps = 5_000_000
	// MaxElements is how many elements the lists together may have that one expression
	// makes.
	MaxElements = 500_000
)

// The errors of a rule that looks at too many elements, and of an expression that makes
// too many.
var (
	errSteps    = fmt.Errorf("the rule looks at more than %d elements of lists", MaxSteps)
	errElements = fmt.Errorf("the expression makes lists of more than %d elements", MaxElements)
)

// hostName is the name that every rule has without declaring it.
const hostName = "host"

// Names that no expression can spell, for what the compiler adds to expressions.
const (
	budgetName = "#budget"
	stepName   = "#step"
	readName   = "#read"
	textName   = "#text"
	listName   = "#list "
)

var (
	boolType     = reflect.TypeFor[bool]()
	stringType   = reflect.TypeFor[string]()
	intType      = reflect.TypeFor[int]()
	timeType     = reflect.TypeFor[time.Time]()
	durationType = reflect.TypeFor[time.Duration]()
	eventType    = reflect.TypeFor[facts.Event]()
	eventsType   = reflect.TypeFor[[]facts.Event]()
	itemType     = reflect.TypeFor[evidence.Item]()
	itemsType    = reflect.TypeFor[[]evidence.Item]()
	reasonsType  = reflect.TypeFor[[]facts.Reason]()
)

// expression is a compiled expression, or one that is compiled when it is first run. It is
// safe for concurrent use.
type expression struct {
	program *vm.Program // nil when later is set, as are typ and traits
	later   *deferred
	typ     reflect.Type
	// what names the key of the rule in which the expression stands.
	what string
	traits
}

// traits are what is known of an expression before it is run.
type traits struct {
	// reads are the names that it reads, sorted.
	reads []string
	// free is set when the value may be any text: no number, no time and no SID.
	free bool
	// absence is set when it takes it for a proof that a list holds no events.
	absence bool
}

// budget is what one run of a rule may cost, and has cost. It also notes what the
// expressions fetch.
type budget struct {
	ctx   context.Context
	steps int
	// read are the needs of the rule that were fetched, lets those that were fetched to make
	// each value of the rule: they count once the value is fetched.
	read map[string]bool
	lets map[string]map[string]bool
}

// newBudget returns the budget of one run, which notes what is fetched in read.
func newBudget(ctx context.Context, read map[string]bool) *budget {
	return &budget{ctx: ctx, read: read, lets: map[string]map[string]bool{}}
}

// fetch notes that an expression fetches what has that name.
func (b *budget) fetch(name string) {
	if needs, ok := b.lets[name]; ok {
		maps.Copy(b.read, needs)
		return
	}
	b.read[name] = true
}

// define evaluates a value of the rule, and keeps what that fetches.
func (b *budget) define(l let, env map[string]any) error {
	read := b.read
	b.read = map[string]bool{}
	v, err := l.value.run(env)
	env[l.name], b.lets[l.name], b.read = v, b.read, read
	return err
}

// step pays for one element of a list.
func (b *budget) step() error {
	b.steps++
	if b.steps > MaxSteps {
		return errSteps
	}
	if b.steps%1024 == 0 {
		return b.ctx.Err()
	}
	return nil
}

// run evaluates the expression. The environment holds the values of a scope's names and
// the budget.
func (e *expression) run(env map[string]any) (any, error) {
	program, err := e.compiled()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", e.what, err)
	}
	machine := vm.VM{MemoryBudget: MaxElements}
	v, err := machine.Run(program, env)
	if err == nil {
		return v, nil
	}
	var at *file.Error
	if !errors.As(err, &at) {
		return nil, fmt.Errorf("%s: %w", e.what, err)
	}
	where := fmt.Sprintf("%s, line %d, column %d", e.what, at.Line, at.Column+1)
	switch {
	case at.Prev != nil:
		return nil, fmt.Errorf("%s: %w", where, at.Prev)
	case at.Message == "memory budget exceeded":
		return nil, fmt.Errorf("%s: %w", where, errElements)
	}
	return nil, fmt.Errorf("%s: %s", where, at.Message)
}

// compiled returns what is run.
func (e *expression) compiled() (*vm.Program, error) {
	if e.later == nil {
		return e.program, nil
	}
	return e.later.compile()
}

// isTrue evaluates a condition.
func (e *expression) isTrue(env map[string]any) (bool, error) {
	v, err := e.run(env)
	b, _ := v.(bool)
	return b, err
}

// exprError is a mistake in an expression.
type exprError struct {
	// line counts from 1 and column from 0, in characters; line is 0 where the mistake
	// is the expression's as a whole.
	line, column int
	message      string
	// undeclared is set for a name that the scope does not have.
	undeclared bool
}

// typeCache keeps what the expression compiler learnt about Go types for the next rule.
// The zero value is ready for use.
type typeCache struct {
	config *conf.Config
	// host is one without facts, for their types.
	host facts.Host
	// deferring is set for rules that are known to be right: their expressions are compiled
	// when they are first run.
	deferring bool
	// mu guards config while expressions are compiled then, scope the names that config knows.
	mu    sync.Mutex
	scope *scope
}

// scope is what the expressions of one rule can read: the facts and events that it
// declares, and the values that it defines.
type scope struct {
	types  *typeCache
	config *conf.Config
	vars   map[string]any
	// used holds the names that some expression reads.
	used map[string]bool
	// logs are the channels that expressions ask the fact "logs" for; anyLog is set when one
	// reads it in another way.
	logs   []string
	anyLog bool
	// built holds the expressions that were compiled since the last declaration, by their
	// text: rules repeat themselves. It is nil when config does not know all names.
	built map[string]*expression
	// incomplete is set when a mistake in a declaration was reported: that a name is not
	// declared may only follow from it, and is not reported then.
	incomplete bool
}

// newScope makes a scope with the name of the host alone.
func newScope(types *typeCache) *scope {
	if types.config == nil {
		types.config = &conf.Config{
			ShortCircuit: true,
			MaxNodes:     MaxExpressionNodes,
			Functions:    functions(),
		}
	}
	return &scope{
		types:  types,
		config: types.config,
		vars:   map[string]any{hostName: "", budgetName: (*budget)(nil)},
		used:   map[string]bool{},
	}
}

// declare adds a name; the value serves as an example of the type.
func (s *scope) declare(name string, example any) {
	s.vars[name] = example
	s.built = nil
}

// channels returns the channels that expressions ask the fact "logs" for, nil for any.
func (s *scope) channels() []string {
	if s.anyLog {
		return nil
	}
	return append([]string{}, s.logs...)
}

// compile compiles an expression that stands in the scalar n, whole or as a part of a
// text. The wanted types are those that its value may have. Mistakes are noted in src,
// and the result is nil then. Where compiling is deferred, nothing is checked.
func (s *scope) compile(src *source, n *yaml.Node, text, what string, want ...reflect.Type) *expression {
	if s.types.deferring {
		return &expression{what: what, later: &deferred{scope: s, text: text}}
	}
	e, mistakes := s.build(text)
	if mistakes == nil && !slices.Contains(want, kindOf(e.typ)) {
		line, column := position(text, len(text)-len(strings.TrimLeft(text, " \n")))
		message := fmt.Sprintf("the expression gives %s, but %s must give %s", typeName(e.typ), what, typeNames(want))
		mistakes = []exprError{{line: line, column: column, message: message}}
	}
	for _, m := range mistakes {
		if !m.undeclared || !s.incomplete {
			src.failInside(n, text, m, what)
		}
	}
	if mistakes != nil {
		return nil
	}
	return &expression{program: e.program, typ: e.typ, what: what, traits: e.traits}
}

// kindOf returns the type that stands for a type where a type is wanted: int for all whole
// numbers.
func kindOf(t reflect.Type) reflect.Type {
	if t != durationType && isInteger(t) {
		return intType
	}
	return t
}

// build compiles an expression, or tells what is wrong with it.
func (s *scope) build(text string) (*expression, []exprError) {
	if len(text) > MaxExpression {
		return nil, []exprError{{message: fmt.Sprintf("the expression is longer than %d bytes", MaxExpression)}}
	}
	if s.built == nil || s.types.scope != s {
		s.config.WithEnv(s.vars)
		s.types.scope = s
	}
	if s.built == nil {
		s.built = map[string]*expression{}
	}
	if e := s.built[text]; e != nil {
		return e, nil
	}
	tree, err := parser.ParseWithConfig(text, s.config)
	if err != nil {
		return nil, []exprError{asExprError(err)}
	}
	reads, mistakes := s.checkNames(tree)
	if mistakes != nil {
		return nil, mistakes
	}
	if err := s.resolve(tree); err != nil {
		wrong := asExprError(err)
		wrong.message += suggestMember(tree, wrong.message)
		return nil, []exprError{wrong}
	}
	if mistakes := s.checkTypes(tree); mistakes != nil {
		return nil, mistakes
	}
	typ := tree.Node.Type()
	about := traits{reads: reads, free: isFreeText(tree.Node), absence: takesAbsence(tree)}
	s.meter(tree)
	program, err := compiler.Compile(tree, s.config)
	if err != nil {
		return nil, []exprError{asExprError(err)}
	}
	e := &expression{program: program, typ: typ, traits: about}
	s.built[text] = e
	return e, nil
}

// unexpectedToken matches how the expression compiler names a token out of place.
var unexpectedToken = regexp.MustCompile(`^unexpected token (?:EOF|\w+\((.*)\))$`)

func asExprError(err error) exprError {
	var at *file.Error
	if errors.As(err, &at) {
		message := strings.TrimSpace(at.Message)
		if m := unexpectedToken.FindStringSubmatch(message); m != nil {
			message = "unexpected " + cmp.Or(m[1], "end of the expression")
		}
		return exprError{line: at.Line, column: at.Column, message: message}
	}
	message, _, _ := strings.Cut(err.Error(), "\n")
	return exprError{message: message}
}

// unknownMember matches how the expression compiler names a field or a method that a type
// does not have.
var unknownMember = regexp.MustCompile(`^type (\S+) has no (?:field|method) (\w+)$`)

// suggestMember returns a hint at the known field or method nearest to the misspelt one that
// the mistake is about, or "".
func suggestMember(tree *parser.Tree, message string) string {
	m := unknownMember.FindStringSubmatch(message)
	if m == nil {
		return ""
	}
	f := &memberFinder{typ: m[1], name: m[2]}
	ast.Walk(&tree.Node, f)
	return suggest(f.name, f.known)
}

// memberFinder finds what a type has in place of a name.
type memberFinder struct {
	typ, name string
	known     []string
}

// Visit is called for every node.
func (f *memberFinder) Visit(node *ast.Node) {
	n, ok := (*node).(*ast.MemberNode)
	if !ok || n.Node.Nature().Type == nil {
		return
	}
	t := n.Node.Type()
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if name, ok := n.Property.(*ast.StringNode); ok && name.Value == f.name && t.String() == f.typ {
		f.known = members(t)
	}
}

// members returns the names of the fields and methods of a type.
func members(t reflect.Type) []string {
	var names []string
	if t.Kind() == reflect.Struct {
		for _, f := range reflect.VisibleFields(t) {
			if f.IsExported() {
				names = append(names, f.Name)
			}
		}
	}
	for i := range t.NumMethod() {
		names = append(names, t.Method(i).Name)
	}
	return names
}

// resolve gives every node its type. Two things are added on the way, because the
// expression language treats a Go type such as facts.Verdict as something other than
// text, and forgets the type of the elements that filter and map return: a conversion
// to string, and one to a list of the type.
func (s *scope) resolve(tree *parser.Tree) error {
	c := &converter{scope: s, done: map[ast.Node]bool{}}
	for {
		_, err := checker.Check(tree, s.config)
		c.changed = false
		ast.Walk(&tree.Node, c)
		if !c.changed {
			return err
		}
		// The checker takes the type of a call that it has seen before as given, and would
		// not look at the arguments again.
		ast.Walk(&tree.Node, forget{})
	}
}

// converter adds conversions to a tree.
type converter struct {
	scope   *scope
	done    map[ast.Node]bool
	changed bool
}

// Visit is called for every node, operands first.
func (c *converter) Visit(node *ast.Node) {
	n := *node
	if c.done[n] {
		return
	}
	name := ""
	switch t := n.Nature().Type; {
	case t == nil:
		return
	case t.Kind() == reflect.String && t != stringType:
		name = textName
	case isBuiltin(n, "filter", "map") && !c.changed:
		// With a change below it the type of its elements may no longer be right.
		name = c.scope.listOf(n)
	}
	if name == "" {
		return
	}
	c.done[n] = true
	callee := &ast.IdentifierNode{Value: name}
	callee.SetLocation(n.Location())
	ast.Patch(node, &ast.CallNode{Callee: callee, Arguments: []ast.Node{n}})
	c.changed = true
}

func isBuiltin(n ast.Node, names ...string) bool {
	b, ok := n.(*ast.BuiltinNode)
	return ok && slices.Contains(names, b.Name)
}

// listOf returns the function that makes a typed list of the value of a node, or "" when
// the type of its elements is unknown.
func (s *scope) listOf(n ast.Node) string {
	elem := n.Nature().Elem(&s.config.NtCache)
	if elem.Type == nil || elem.Kind == reflect.Interface {
		return ""
	}
	name := listName + elem.Type.String()
	if s.config.Functions[name] == nil {
		s.config.Functions[name] = listFunction(name, elem.Type)
	}
	return name
}

// forget drops the types of a tree.
type forget struct{}

func (forget) Visit(node *ast.Node) { (*node).SetNature(nature.Nature{}) }

// meter makes every predicate pay for the element that it looks at, and every name of a fact,
// of events or of a value of the rule tell when it is fetched.
func (s *scope) meter(tree *parser.Tree) { ast.Walk(&tree.Node, &instrument{scope: s}) }

type instrument struct{ scope *scope }

// Visit is called for every node, operands first.
func (m *instrument) Visit(node *ast.Node) {
	switch n := (*node).(type) {
	case *ast.PredicateNode:
		n.Node = after(stepName, n.Node)
	case *ast.IdentifierNode:
		if _, known := m.scope.vars[n.Value]; known && n.Value != hostName && n.Value != budgetName {
			*node = after(readName, n, &ast.StringNode{Value: n.Value})
		}
	}
}

// after makes a node to which a function of the budget is called first.
func after(function string, n ast.Node, args ...ast.Node) ast.Node {
	call := &ast.CallNode{
		Callee:    &ast.IdentifierNode{Value: function},
		Arguments: append([]ast.Node{&ast.IdentifierNode{Value: budgetName}}, args...),
	}
	call.SetLocation(n.Location())
	both := &ast.SequenceNode{Nodes: []ast.Node{call, n}}
	both.SetLocation(n.Location())
	both.SetNature(*n.Nature())
	return both
}

// typeName names a type for the writer of a rule.
func typeName(t reflect.Type) string {
	switch t {
	case boolType:
		return "true or false"
	case stringType:
		return "text"
	case intType:
		return "a number"
	case timeType:
		return "a time"
	case durationType:
		return "a duration"
	case eventType:
		return "an event"
	case eventsType:
		return "events"
	case itemType:
		return "an evidence item"
	case itemsType:
		return "evidence items"
	case reasonsType:
		return "reasons"
	}
	switch {
	case t == nil || t.Kind() == reflect.Interface:
		return "something of an unknown type"
	case isInteger(t) || t.Kind() == reflect.Float64:
		return "a number"
	}
	return t.String()
}

func typeNames(types []reflect.Type) string {
	var names []string
	for _, t := range types {
		names = append(names, typeName(t))
	}
	return strings.Join(names, " or ")
}
