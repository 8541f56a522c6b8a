package rules

import (
	"cmp"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/expr-lang/expr/ast"
	"github.com/expr-lang/expr/checker/nature"
	"github.com/expr-lang/expr/parser"
)

// Rules use a part of the expression language: what reads and compares. What is left
// out makes values without bound, depends on the clock, the machine or the order of a
// map, or has no use without them.

// builtins are the functions of the expression language that rules may call.
var builtins = []string{
	"all", "any", "none", "one", "count", "filter", "find", "findLast", "map",
	"len", "lower", "upper", "trim", "duration",
}

// operators are the operators that rules may use.
var operators = []string{
	"==", "!=", "<", "<=", ">", ">=", "&&", "||", "and", "or", "+", "-", "*",
	"in", "matches", "contains", "startsWith", "endsWith",
}

// methods are the methods that rules may call on times and durations; on the types of
// this module they may call all.
var methods = map[reflect.Type][]string{
	timeType:     {"After", "Before", "Equal", "IsZero", "Sub", "Add"},
	durationType: {"Hours", "Minutes", "Seconds"},
}

// modulePath begins the import path of every package of this module.
const modulePath = "github.com/gpevtx/gpevtx/"

// maxLoops is how deep predicates may be nested.
const maxLoops = 2

// checkNames finds names that the scope does not have, and parts of the language that
// rules may not use. It notes the names that are read, and returns them.
func (s *scope) checkNames(tree *parser.Tree) (reads []string, wrong []exprError) {
	c := &nameChecker{scope: s, callees: map[ast.Node]bool{}, named: map[ast.Node]bool{}}
	c.walk(&tree.Node)
	slices.Sort(c.reads)
	return slices.Compact(c.reads), c.bound(tree)
}

type nameChecker struct {
	mistakes
	scope   *scope
	callees map[ast.Node]bool
	// named are the names of "logs" of which a constant channel is asked.
	named map[ast.Node]bool
	loops int
	reads []string
}

// walk checks a node and what is below it. Predicates are walked by hand, to know how
// deep they are nested.
func (c *nameChecker) walk(node *ast.Node) {
	if call, ok := (*node).(*ast.CallNode); ok {
		c.callees[call.Callee] = true
		c.logs(call)
	}
	if b, ok := (*node).(*ast.BuiltinNode); ok && len(b.Arguments) == 2 {
		if p, ok := b.Arguments[1].(*ast.PredicateNode); ok {
			c.walk(&b.Arguments[0])
			c.predicate(b, p)
			return
		}
	}
	for _, child := range children(*node) {
		c.walk(child)
	}
	c.check(*node)
}

// logs notes the channel of a call such as logs.Cover("System", service.Window).
func (c *nameChecker) logs(call *ast.CallNode) {
	m, ok := call.Callee.(*ast.MemberNode)
	if !ok || len(call.Arguments) == 0 {
		return
	}
	name, isName := m.Node.(*ast.IdentifierNode)
	channel, isConstant := call.Arguments[0].(*ast.StringNode)
	if isName && name.Value == FactLogs && isConstant {
		c.named[name] = true
		c.scope.logs = append(c.scope.logs, channel.Value)
	}
}

func (c *nameChecker) predicate(b *ast.BuiltinNode, p *ast.PredicateNode) {
	switch {
	case c.loops == maxLoops:
		c.add(b, "predicates are nested deeper than %d", maxLoops)
		return
	case c.loops > 0 && b.Name == "map":
		c.add(b, "map cannot stand in a predicate")
	}
	c.loops++
	c.walk(&p.Node)
	c.loops--
	c.check(b)
}

// check checks one node without its children.
func (c *nameChecker) check(node ast.Node) {
	switch n := node.(type) {
	case *ast.IdentifierNode:
		c.name(n)
	case *ast.BuiltinNode:
		switch {
		case !slices.Contains(builtins, n.Name):
			c.add(n, "rules cannot use the function %s", n.Name)
		case n.Name == "count" && len(n.Arguments) == 1:
			c.add(n, "count needs a predicate; the number of elements is len")
		}
	case *ast.BinaryNode:
		if !slices.Contains(operators, n.Operator) {
			c.add(n, "rules cannot use the operator %s", n.Operator)
		}
	case *ast.PointerNode:
		if n.Name != "" {
			c.add(n, "rules cannot use #%s", n.Name)
		}
	case *ast.VariableDeclaratorNode:
		c.add(n, "rules cannot use let in an expression: define the value under the key \"let\"")
	case *ast.SequenceNode, *ast.MapNode, *ast.PairNode, *ast.BytesNode, *ast.FloatNode, *ast.NilNode, *ast.ChainNode:
		c.add(n, "rules cannot use %s", nodeName(n))
	}
}

// name checks a name that stands for a value or a function.
func (c *nameChecker) name(n *ast.IdentifierNode) {
	s := c.scope
	if c.callees[n] {
		switch {
		case s.config.Functions[n.Value] == nil:
			c.add(n, "there is no function %q%s", n.Value, suggest(n.Value, functionNames()))
		case c.loops > 0 && slices.Contains(listFunctions, n.Value):
			c.add(n, "%s cannot stand in a predicate", n.Value)
		}
		return
	}
	if _, ok := s.vars[n.Value]; ok {
		s.used[n.Value] = true
		s.anyLog = s.anyLog || n.Value == FactLogs && !c.named[n]
		c.reads = append(c.reads, n.Value)
		return
	}
	if slices.Contains(factNames, n.Value) {
		c.addUndeclared(n, "the fact %q is not declared in needs.facts", n.Value)
		return
	}
	c.addUndeclared(n, "unknown name %q%s", n.Value, suggest(n.Value, s.names()))
}

// names returns the names that expressions can spell.
func (s *scope) names() []string {
	names := slices.Sorted(maps.Keys(s.vars))
	return slices.DeleteFunc(names, func(n string) bool { return n == budgetName })
}

func functionNames() []string {
	names := slices.Sorted(maps.Keys(functions()))
	names = slices.DeleteFunc(names, func(n string) bool { return strings.HasPrefix(n, "#") })
	return append(names, builtins...)
}

// children returns the nodes directly below a node.
func children(n ast.Node) []*ast.Node {
	switch n := n.(type) {
	case *ast.UnaryNode:
		return []*ast.Node{&n.Node}
	case *ast.BinaryNode:
		return []*ast.Node{&n.Left, &n.Right}
	case *ast.ChainNode:
		return []*ast.Node{&n.Node}
	case *ast.MemberNode:
		return []*ast.Node{&n.Node, &n.Property}
	case *ast.SliceNode:
		nodes := []*ast.Node{&n.Node}
		if n.From != nil {
			nodes = append(nodes, &n.From)
		}
		if n.To != nil {
			nodes = append(nodes, &n.To)
		}
		return nodes
	case *ast.CallNode:
		return append([]*ast.Node{&n.Callee}, pointers(n.Arguments)...)
	case *ast.BuiltinNode:
		return pointers(n.Arguments)
	case *ast.PredicateNode:
		return []*ast.Node{&n.Node}
	case *ast.VariableDeclaratorNode:
		return []*ast.Node{&n.Value}
	case *ast.ConditionalNode:
		return []*ast.Node{&n.Cond, &n.Exp1, &n.Exp2}
	case *ast.ArrayNode:
		return pointers(n.Nodes)
	}
	return nil
}

func pointers(nodes []ast.Node) []*ast.Node {
	out := make([]*ast.Node, len(nodes))
	for i := range nodes {
		out[i] = &nodes[i]
	}
	return out
}

func nodeName(n ast.Node) string {
	switch n.(type) {
	case *ast.SequenceNode:
		return "several expressions joined by ;"
	case *ast.MapNode, *ast.PairNode:
		return "maps"
	case *ast.BytesNode:
		return "bytes"
	case *ast.FloatNode:
		return "fractions"
	case *ast.ChainNode:
		return "?."
	}
	return "nil"
}

// checkTypes finds operations that the expression language allows, but which rules may
// not do with values of these types. Every node has its type.
func (s *scope) checkTypes(tree *parser.Tree) []exprError {
	c := &typeChecker{cache: &s.config.NtCache}
	ast.Walk(&tree.Node, c)
	return c.bound(tree)
}

type typeChecker struct {
	mistakes
	cache *nature.Cache
}

// Visit is called for every node.
func (c *typeChecker) Visit(node *ast.Node) {
	n := *node
	if len(c.mistakes) > 0 {
		return // What stands above a mistake has no proper type.
	}
	if n.Nature().IsUnknown(c.cache) {
		if choice, ok := n.(*ast.ConditionalNode); ok {
			c.add(choice.Cond, "the choice behind this condition has results of different types")
			return
		}
		c.add(n, "the type of this part cannot be told")
		return
	}
	switch n := n.(type) {
	case *ast.BinaryNode:
		c.binary(n)
	case *ast.CallNode:
		c.call(n)
	case *ast.BuiltinNode:
		if n.Name == "duration" {
			c.duration(n)
		}
	}
}

func (c *typeChecker) binary(n *ast.BinaryNode) {
	switch n.Operator {
	case "==", "!=":
		if t := n.Left.Type(); !isScalar(t) {
			c.add(n, "%s cannot be compared: compare a part of it", typeName(t))
		}
		c.compared(n.Left, n.Right)
		c.compared(n.Right, n.Left)
	case "in":
		if !isLiteralList(n.Right) {
			c.add(n, "the right side of in must be a list of constants, such as [1, 2]")
			return
		}
		c.compared(n.Left, n.Right)
	case "matches":
		if _, ok := n.Right.(*ast.StringNode); !ok {
			c.add(n, "the pattern of matches must be a constant")
		}
	}
}

// isScalar reports whether values of the type can be compared in one step.
func isScalar(t reflect.Type) bool {
	switch t.Kind() {
	case reflect.Bool, reflect.String, reflect.Float64:
		return true
	}
	return isInteger(t) || t == timeType
}

// isInteger reports whether the type is one of whole numbers, or a duration.
func isInteger(t reflect.Type) bool { return t.Kind() >= reflect.Int && t.Kind() <= reflect.Uint64 }

func isLiteralList(n ast.Node) bool {
	list, ok := n.(*ast.ArrayNode)
	return ok && !slices.ContainsFunc(list.Nodes, func(e ast.Node) bool {
		switch e.(type) {
		case *ast.StringNode, *ast.IntegerNode:
			return false
		}
		return true
	})
}

// call checks that a method is one that rules may call.
func (c *typeChecker) call(n *ast.CallNode) {
	m, ok := n.Callee.(*ast.MemberNode)
	if !ok {
		return
	}
	name, _ := m.Property.(*ast.StringNode)
	receiver := m.Node.Type()
	if receiver.Kind() == reflect.Pointer {
		receiver = receiver.Elem()
	}
	if name == nil || !strings.HasPrefix(receiver.PkgPath()+"/", modulePath) && !slices.Contains(methods[receiver], name.Value) {
		c.add(m, "rules cannot call this method of %s", typeName(receiver))
	}
}

func (c *typeChecker) duration(n *ast.BuiltinNode) {
	text, ok := n.Arguments[0].(*ast.StringNode)
	if !ok {
		c.add(n, "the argument of duration must be a constant, such as \"10s\"")
		return
	}
	if _, err := time.ParseDuration(text.Value); err != nil {
		c.add(text, "%q is not a duration such as \"10s\" or \"1h30m\"", text.Value)
	}
}

// mistakes gathers what is wrong with the nodes of a tree.
type mistakes []nodeMistake

type nodeMistake struct {
	node    ast.Node
	message string
	// undeclared is set for a name that the scope does not have.
	undeclared bool
}

func (m *mistakes) add(n ast.Node, format string, args ...any) {
	*m = append(*m, nodeMistake{node: n, message: fmt.Sprintf(format, args...)})
}

func (m *mistakes) addUndeclared(n ast.Node, format string, args ...any) {
	*m = append(*m, nodeMistake{node: n, message: fmt.Sprintf(format, args...), undeclared: true})
}

// bound returns the mistakes with their places in the text of the tree, in order.
func (m mistakes) bound(tree *parser.Tree) []exprError {
	var errs []exprError
	slices.SortStableFunc(m, func(a, b nodeMistake) int {
		return cmp.Compare(a.node.Location().From, b.node.Location().From)
	})
	for _, x := range m {
		line, column := position(tree.Source.String(), x.node.Location().From)
		errs = append(errs, exprError{line: line, column: column, message: x.message, undeclared: x.undeclared})
	}
	return errs
}

// position converts a number of characters to a line from 1 and a column from 0.
func position(text string, at int) (line, column int) {
	line = 1
	for _, r := range text {
		if at == 0 {
			break
		}
		at--
		column++
		if r == '\n' {
			line, column = line+1, 0
		}
	}
	return line, column
}
