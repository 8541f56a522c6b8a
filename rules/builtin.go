package rules

import "github.com/gpevtx/gpevtx/rules/builtin"

// Builtin loads the rules that gpevtx comes with, in the order of their ids. Every call
// returns rules of its own.
func Builtin() ([]*Rule, error) { return Load(builtin.FS) }
