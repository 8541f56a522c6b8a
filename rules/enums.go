package rules

import (
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/expr-lang/expr/ast"

	"github.com/gpevtx/gpevtx/collected"
	"github.com/gpevtx/gpevtx/facts"
	"github.com/gpevtx/gpevtx/gpreport"
)

// enums are the types of facts whose values are known, with these values. The zero value,
// an empty text, may come as well.
var enums = map[reflect.Type][]string{
	reflect.TypeFor[facts.ServiceState]():   texts(facts.Running, facts.Failing, facts.Stopped, facts.Disabled, facts.UnknownState),
	reflect.TypeFor[facts.SchedulerState](): texts(facts.SchedulerWorking, facts.SchedulerSilent, facts.SchedulerUnknown),
	reflect.TypeFor[facts.AccountKind](): texts(facts.Virtual, facts.GroupManaged, facts.Standalone, facts.DomainUser,
		facts.LocalUser, facts.SystemAccount, facts.UnknownAccount),
	reflect.TypeFor[facts.Verdict]():    texts(facts.Granted, facts.Denied, facts.Omitted, facts.Undetermined, facts.Undefined),
	reflect.TypeFor[facts.Confidence](): texts(facts.Certain, facts.Probable, facts.Possible),
	reflect.TypeFor[facts.TLSSetting](): texts(facts.TLSOff, facts.TLSLimited, facts.TLSUnset, facts.TLSOn),
	reflect.TypeFor[collected.StartType](): texts(collected.BootStart, collected.SystemStart, collected.AutoStart, collected.DelayedAuto,
		collected.DemandStart, collected.Disabled),
	reflect.TypeFor[collected.State]():  texts(collected.Stopped, collected.Running, collected.Changing),
	reflect.TypeFor[gpreport.Results](): texts(gpreport.Logged, gpreport.Modelled, gpreport.Exported, gpreport.Defined),
	reflect.TypeFor[gpreport.Kind]():    texts(gpreport.GPResultHTML, gpreport.GPResultXML, gpreport.GPResultText, gpreport.SeceditINF, gpreport.GPOReportHTML, gpreport.GPOReportXML),
	reflect.TypeFor[gpreport.Absence](): texts(gpreport.NoData, gpreport.AccessDenied, gpreport.NotReached),
	reflect.TypeFor[gpreport.State](): texts(gpreport.DefinedFor, gpreport.DefinedEmpty, gpreport.NotDefined, gpreport.ScopeWithoutData,
		gpreport.ScopeDenied, gpreport.ReportCutOff, gpreport.NotUnderstood),
	reflect.TypeFor[gpreport.Origin]():    texts(gpreport.Stated, gpreport.Printed, gpreport.Documented, gpreport.Translated),
	reflect.TypeFor[gpreport.StartMode](): texts(gpreport.Automatic, gpreport.Manual, gpreport.Disabled),
}

func texts[T ~string](values ...T) []string {
	out := make([]string, len(values))
	for i, v := range values {
		out[i] = string(v)
	}
	return out
}

// compared finds constants with which a value of a known set is compared and which are not
// in that set: such a comparison never changes its result.
func (c *typeChecker) compared(value, with ast.Node) {
	call, ok := value.(*ast.CallNode)
	if !ok || len(call.Arguments) != 1 {
		return
	}
	if f, ok := call.Callee.(*ast.IdentifierNode); !ok || f.Value != textName {
		return
	}
	known := enums[call.Arguments[0].Type()]
	if known == nil {
		return
	}
	constants := []ast.Node{with}
	if list, ok := with.(*ast.ArrayNode); ok {
		constants = list.Nodes
	}
	for _, n := range constants {
		if s, ok := n.(*ast.StringNode); ok && s.Value != "" && !slices.Contains(known, s.Value) {
			c.add(n, "%s is never %q: it is one of %s%s", strings.TrimPrefix(call.Arguments[0].String(), "#"), s.Value, quoted(known), suggest(s.Value, known))
		}
	}
}

func quoted(list []string) string {
	out := make([]string, len(list))
	for i, s := range list {
		out[i] = strconv.Quote(s)
	}
	return strings.Join(out, ", ")
}
