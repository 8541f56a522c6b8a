package rules

import (
	"errors"
	"fmt"
	"slices"
)

// Validate reports what is wrong with a set of rules that are to run together: rules
// without an id, a title, a severity or an Eval, ids given twice, needs that do not
// exist, and rules said to be explained by rules that are not in the set or, by way of
// others, by themselves. The errors are joined, each naming its rule.
func Validate(rules []*Rule) error {
	var errs []error
	byID := map[string]*Rule{}
	for _, r := range rules {
		for _, err := range r.validate() {
			errs = append(errs, fmt.Errorf("rule %q: %w", r.ID, err))
		}
		if byID[r.ID] != nil {
			errs = append(errs, fmt.Errorf("rule %q: the id is given twice", r.ID))
		}
		byID[r.ID] = r
	}
	for _, r := range rules {
		for _, id := range r.ExplainedBy {
			if byID[id] == nil {
				errs = append(errs, fmt.Errorf("rule %q: it is explained by %q, which is not there", r.ID, id))
			}
		}
		if explainsItself(r, byID) {
			errs = append(errs, fmt.Errorf("rule %q: it is explained by itself", r.ID))
		}
	}
	return errors.Join(errs...)
}

// validate reports what is wrong with one rule on its own.
func (r *Rule) validate() []error {
	var errs []error
	add := func(format string, args ...any) { errs = append(errs, fmt.Errorf(format, args...)) }
	if !idPattern.MatchString(r.ID) {
		add("the id is not made of lower-case words joined by hyphens")
	}
	if r.Title == "" {
		add("it has no title")
	}
	if !slices.Contains(severities, r.Severity) {
		add("its severity is %q", r.Severity)
	}
	if r.Eval == nil {
		add("it has no Eval")
	}
	for _, fact := range r.Needs.Facts {
		if !slices.Contains(factNames, fact) {
			add("there is no fact %q", fact)
		}
	}
	for _, kind := range r.Needs.Inputs {
		if !knownInput(kind) {
			add("there is no kind of input %q", kind)
		}
	}
	var seen []string
	for _, need := range r.Needs.Events {
		if !namePattern.MatchString(need.Name) || slices.Contains(factNames, need.Name) || slices.Contains(seen, need.Name) {
			add("the name of events %q is malformed or taken", need.Name)
		}
		seen = append(seen, need.Name)
	}
	return errs
}

// explainsItself reports whether following ExplainedBy from r leads back to r.
func explainsItself(r *Rule, byID map[string]*Rule) bool {
	return explains(r.ExplainedBy, r.ID, byID)
}

// explains reports whether one of the rules from, or one that explains them, directly or by
// way of others, is that of the id.
func explains(from []string, id string, byID map[string]*Rule) bool {
	seen := map[string]bool{}
	next := slices.Clone(from)
	for len(next) > 0 {
		at := next[0]
		next = next[1:]
		if at == id {
			return true
		}
		if !seen[at] && byID[at] != nil {
			seen[at] = true
			next = append(next, byID[at].ExplainedBy...)
		}
	}
	return false
}
