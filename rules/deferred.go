package rules

import (
	"errors"
	"reflect"
	"sync"

	"github.com/expr-lang/expr/vm"
)

// deferred is an expression that is compiled when it is first run. Of the rules that gpevtx
// comes with, most expressions are never run: a rule that does not fail needs no message.
type deferred struct {
	scope *scope
	text  string
	// let is the name of the value that the expression defines, empty for none. Values are
	// evaluated in their order, and before all else, so that each name has its type in time.
	let string

	once    sync.Once
	program *vm.Program
	err     error
}

func (d *deferred) compile() (*vm.Program, error) {
	d.once.Do(func() {
		types := d.scope.types
		types.mu.Lock()
		defer types.mu.Unlock()
		e, mistakes := d.scope.build(d.text)
		if mistakes != nil {
			d.err = errors.New(mistakes[0].message)
			return
		}
		d.program = e.program
		if d.let != "" {
			d.scope.declare(d.let, reflect.Zero(e.typ).Interface())
		}
	})
	return d.program, d.err
}
