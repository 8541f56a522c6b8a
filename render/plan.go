package render

import (
	"cmp"
	"io"
	"slices"
	"strings"

	"github.com/gpevtx/gpevtx/analyzer"
)

// PlanText prints what an analysis will do: which inputs are read by what, which events are
// decoded and for whom, and which rules will be skipped; without inputs, what the rules need.
// Verbose changes nothing. The only errors are those of w.
func PlanText(w io.Writer, plan analyzer.Plan, opt TextOptions) error {
	p := newPage(opt)
	if len(plan.Inputs) > 0 {
		p.plannedInputs(plan.Inputs)
	}
	p.plannedEvents(plan.Events)
	p.head(0, "facts that rules read")
	for _, f := range plan.Facts {
		p.lead(2, 4, name(f.Name)+":", plain, list(names(f.Rules), 0), dim)
	}
	if len(plan.Inputs) > 0 {
		p.plannedSkips(plan.Rules)
	}
	p.plannedNeeds(plan.Rules)
	_, err := w.Write(p.buf.Bytes())
	return err
}

// PlanJSON writes the plan as an indented JSON object and a line break, in the way of [JSON].
func PlanJSON(w io.Writer, plan analyzer.Plan) error {
	b, err := marshalJSON(plan)
	if err != nil {
		return err
	}
	_, err = w.Write(b)
	return err
}

func (p *page) plannedInputs(inputs []analyzer.PlannedInput) {
	p.head(0, "inputs that are read")
	read := 0
	for _, in := range inputs {
		if in.Reader != "" {
			read++
			p.para(2, path(in.Path)+" by "+name(in.Reader)+" ("+name(in.Kind)+", "+count(in.Size, "byte")+")")
		}
	}
	if read == 0 {
		p.para(2, "none")
	}
	if read == len(inputs) {
		return
	}
	p.head(0, "inputs that are not read")
	for _, in := range inputs {
		if in.Reader == "" {
			p.para(2, path(in.Path)+": "+prose(in.Why))
		}
	}
}

// plannedEvents prints the selections under their channels and providers.
func (p *page) plannedEvents(events []analyzer.PlannedEvents) {
	p.head(0, "events that are decoded, all others are skipped")
	for i, e := range events {
		if i == 0 || !slices.Equal(e.Channels, events[i-1].Channels) || !slices.Equal(e.Providers, events[i-1].Providers) {
			channel := cmp.Or(join(names(e.Channels), " or "), "any channel")
			provider := cmp.Or(join(names(e.Providers), " or "), "any provider")
			p.para(2, channel+": "+provider)
		}
		what := ids(e.IDs)
		for _, also := range e.Also {
			what += ", " + prose(also)
		}
		users := names(e.Rules)
		if e.Facts {
			users = slices.Insert(users, 0, "facts")
		}
		p.para(4, what)
		p.lead(6, 8, "for", dim, list(users, 0), dim)
	}
}

// ids lists event ids, runs of them shortened.
func ids(list []int) inert {
	if len(list) == 0 {
		return "any id"
	}
	var parts []inert
	for i := 0; i < len(list); {
		end := i
		for end+1 < len(list) && list[end+1] == list[end]+1 {
			end++
		}
		part := number(list[i])
		if end > i+1 {
			part += "-" + number(list[end])
		} else {
			end = i
		}
		parts = append(parts, part)
		i = end + 1
	}
	return join(parts, ", ")
}

// plannedSkips prints the rules that cannot run with these inputs, by what they lack.
func (p *page) plannedSkips(all []analyzer.PlannedRule) {
	p.head(0, "rules that will be skipped")
	some := false
	for _, r := range all {
		if len(r.Missing) > 0 {
			some = true
			p.para(2, name(r.Rule)+": no input can be "+needs(r.Missing, ", and none "))
		}
	}
	if !some {
		p.para(2, "none for lack of a kind of input; which channels the logs hold, and what the reports cover, is known once they are read")
	}
}

// plannedNeeds prints what rules need, the rules with the same needs together.
func (p *page) plannedNeeds(all []analyzer.PlannedRule) {
	p.head(0, "what rules need, or they are skipped")
	var order []string
	rules := map[string][]string{}
	for _, r := range all {
		key := strings.Join(r.Needs, "\x00")
		if rules[key] == nil {
			order = append(order, key)
		}
		rules[key] = append(rules[key], r.Rule)
	}
	slices.Sort(order)
	for _, key := range order {
		what := inert("nothing in particular")
		if key != "" {
			what = needs(strings.Split(key, "\x00"), ", and ")
		}
		p.para(2, what)
		p.lead(4, 6, "for", dim, list(names(rules[key]), 0), dim)
	}
}

// needs lists kinds of input in words.
func needs(kinds []string, separator inert) inert {
	parts := make([]inert, len(kinds))
	for i, k := range kinds {
		parts[i] = inputWords(k)
	}
	return join(parts, separator)
}
