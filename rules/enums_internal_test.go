package rules

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gpevtx/gpevtx/facts"
)

// open are the named types of text among the facts that may have any value.
var open = []string{"sid.SID", "evidence.Source"}

// TestEnumsOfFacts: each type of text that a rule can reach is known to have a set of values,
// or none.
func TestEnumsOfFacts(t *testing.T) {
	seen := map[reflect.Type]bool{}
	for _, name := range factNames {
		reach(reflect.TypeOf(factOf(&facts.Host{}, name)), seen)
	}
	found := 0
	for typ := range seen {
		switch {
		case typ.Kind() != reflect.String || typ == stringType:
		case enums[typ] != nil:
			found++
		case !slices.Contains(open, typ.String()) && reachable(typ):
			t.Errorf("%s is neither among the sets of values nor open", typ)
		}
	}
	if found < 8 {
		t.Errorf("only %d sets of values are reached", found)
	}
}

// reachable reports whether a type is one of this module.
func reachable(t reflect.Type) bool { return strings.HasPrefix(t.PkgPath()+"/", modulePath) }

// reach notes a type and those of what it holds.
func reach(t reflect.Type, seen map[reflect.Type]bool) {
	if seen[t] {
		return
	}
	seen[t] = true
	for i := range t.NumMethod() {
		for j := range t.Method(i).Type.NumOut() {
			reach(t.Method(i).Type.Out(j), seen)
		}
	}
	switch t.Kind() {
	case reflect.Pointer, reflect.Slice, reflect.Array:
		reach(t.Elem(), seen)
	case reflect.Struct:
		for _, f := range reflect.VisibleFields(t) {
			if f.IsExported() {
				reach(f.Type, seen)
			}
		}
	}
}

// TestEnumValues: the sets hold the constants that their packages declare, no more and no
// less.
func TestEnumValues(t *testing.T) {
	declared := map[string][]string{}
	for _, pkg := range []string{"facts", "collected", "gpreport"} {
		files, err := filepath.Glob("../" + pkg + "/*.go")
		if err != nil || len(files) == 0 {
			t.Fatal(pkg, err)
		}
		for _, file := range files {
			tree, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
			if err != nil {
				t.Fatal(err)
			}
			ast.Inspect(tree, func(n ast.Node) bool {
				if typ, value := namedConstant(n); value != "" {
					declared[pkg+"."+typ] = append(declared[pkg+"."+typ], value)
				}
				return true
			})
		}
	}
	for typ, values := range enums {
		want := declared[typ.String()]
		slices.Sort(want)
		if diff := cmp.Diff(want, slices.Sorted(slices.Values(values))); diff != "" {
			t.Errorf("%s (-declared +known):\n%s", typ, diff)
		}
	}
}

// namedConstant returns the type and the text of a constant such as Running ServiceState =
// "running", or "".
func namedConstant(n ast.Node) (typ, value string) {
	spec, ok := n.(*ast.ValueSpec)
	if !ok || len(spec.Values) != 1 {
		return "", ""
	}
	named, isNamed := spec.Type.(*ast.Ident)
	text, isText := spec.Values[0].(*ast.BasicLit)
	if !isNamed || !isText || text.Kind != token.STRING {
		return "", ""
	}
	value, _ = strconv.Unquote(text.Value)
	return named.Name, value
}
