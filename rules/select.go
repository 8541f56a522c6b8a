package rules

import (
	"fmt"

	"github.com/gpevtx/gpevtx/evtx"
)

// NeedRef names one list of events that a rule needs: rules[Rule].Needs.Events[Need] of
// the rules given to [Selectors].
type NeedRef struct{ Rule, Need int }

// Selectors returns the selectors of all rules, each once, and for each selector the
// lists of events to which what it selects belongs. Both are in the order of the rules.
// The indexes are those that an event reports as Matched when the selectors are compiled
// in this order.
func Selectors(rules []*Rule) ([]evtx.Selector, [][]NeedRef) {
	var selectors []evtx.Selector
	var users [][]NeedRef
	at := map[string]int{}
	for r, rule := range rules {
		for n, need := range rule.Needs.Events {
			k := fmt.Sprintf("%#v", need.Selector)
			i, ok := at[k]
			if !ok {
				i = len(selectors)
				at[k] = i
				selectors = append(selectors, need.Selector)
				users = append(users, nil)
			}
			users[i] = append(users[i], NeedRef{r, n})
		}
	}
	return selectors, users
}
