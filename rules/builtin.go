package rules

import "github.com/gpevtx/gpevtx/rules/builtin"

// Builtin loads the rules that gpevtx comes with, in the order of their ids. Every call
// returns rules of its own. They were found right by [Load] before, so that their expressions
// are compiled when they are first evaluated.
func Builtin() ([]*Rule, error) {
	l := &loader{types: typeCache{deferring: true}}
	return l.load(builtin.FS)
}
