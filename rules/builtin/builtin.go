// Package builtin holds the rules that gpevtx comes with, one YAML file a rule. Its
// reader is [github.com/gpevtx/gpevtx/rules.Builtin]; what a rule file may say is
// described there.
package builtin

import (
	"embed"
)

// FS holds the rule files.
//
//go:embed *.yaml
var FS embed.FS

// Examples lists scenarios that show the rules at work, a line each: the rule's id, its
// verdict, the name of the scenario and its title, parted by tabs. "go test ./scenario
// -update" writes it.
//
//go:embed examples.txt
var Examples string
