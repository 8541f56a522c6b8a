package rules

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/expr-lang/expr/builtin"

	"github.com/gpevtx/gpevtx/facts"
	"github.com/gpevtx/gpevtx/sid"
	"github.com/gpevtx/gpevtx/winerr"
)

// listFunctions are the functions that walk over whole lists, which an expression may
// not do once for every element of another list.
var listFunctions = []string{"join", "names", "gpos", "seen", "near", "apart"}

// functions returns the functions that rules have beside those of the expression
// language. The package documentation describes them.
func functions() map[string]*builtin.Function {
	table := map[string]*builtin.Function{}
	add := func(name string, fn any, call func(args []any) (any, error)) {
		table[name] = &builtin.Function{
			Name:  name,
			Func:  func(args ...any) (any, error) { return call(args) },
			Types: []reflect.Type{reflect.TypeOf(fn)},
		}
	}
	add("join", join, func(a []any) (any, error) { return join(a[0].([]string), a[1].(string)) })
	add("names", names, func(a []any) (any, error) { return names(a[0].([]sid.Principal)), nil })
	add("gpo", gpoLabel, func(a []any) (any, error) { return gpoLabel(a[0].(facts.GPO)), nil })
	add("gpos", gpoLabels, func(a []any) (any, error) { return gpoLabels(a[0].([]facts.GPO)), nil })
	add("user", userPart, func(a []any) (any, error) { return userPart(a[0].(string)), nil })
	add("decode", decode, func(a []any) (any, error) { return decode(a[0].(string)), nil })
	add("utc", utc, func(a []any) (any, error) { return utc(a[0].(time.Time)), nil })
	add("seen", seen, func(a []any) (any, error) { return seen(a[0].([]facts.Event)), nil })
	add("near", near, func(a []any) (any, error) {
		return near(a[0].([]facts.Event), a[1].([]facts.Event), a[2].(time.Duration)), nil
	})
	add("apart", apart, func(a []any) (any, error) {
		return apart(a[0].([]facts.Event), a[1].([]facts.Event), a[2].(time.Duration)), nil
	})
	add(textName, func(any) string { return "" }, func(a []any) (any, error) {
		return reflect.ValueOf(a[0]).String(), nil
	})
	add(readName, func(*budget, string) bool { return true }, func(a []any) (any, error) {
		a[0].(*budget).fetch(a[1].(string))
		return true, nil
	})
	add(stepName, func(*budget) bool { return true }, func(a []any) (any, error) {
		return true, a[0].(*budget).step()
	})
	return table
}

// listFunction returns the function that makes a list of a type out of a list of
// anything.
func listFunction(name string, elem reflect.Type) *builtin.Function {
	list := reflect.SliceOf(elem)
	return &builtin.Function{
		Name: name,
		Func: func(args ...any) (any, error) {
			in := args[0].([]any)
			out := reflect.MakeSlice(list, len(in), len(in))
			for i, v := range in {
				out.Index(i).Set(reflect.ValueOf(v))
			}
			return out.Interface(), nil
		},
		Types: []reflect.Type{reflect.FuncOf([]reflect.Type{reflect.TypeFor[[]any]()}, []reflect.Type{list}, false)},
	}
}

// maxJoined bounds the text that join makes, in bytes.
const maxJoined = 64 << 10

// join joins the elements with a separator between them.
func join(list []string, separator string) (string, error) {
	size := 0
	for _, s := range list {
		if size += len(s) + len(separator); size > maxJoined {
			return "", errors.New("join makes too long a text")
		}
	}
	return strings.Join(list, separator), nil
}

// The bounds of names: a list of hundreds of accounts is no help in a sentence.
const (
	maxNames    = 10
	maxNameText = 80
)

// names lists principals by name, or by SID where a name is missing.
func names(list []sid.Principal) string {
	if len(list) == 0 {
		return "nobody"
	}
	var parts []string
	for _, p := range list[:min(len(list), maxNames)] {
		name := p.Name
		if name == "" {
			name = string(p.SID)
		}
		parts = append(parts, shorten(name, maxNameText))
	}
	text := strings.Join(parts, ", ")
	if rest := len(list) - maxNames; rest > 0 {
		text += fmt.Sprintf(" and %d more", rest)
	}
	return text
}

// gpoLabel names a GPO by its name in quotes, and by its GUID where that is known.
func gpoLabel(g facts.GPO) string {
	switch {
	case g.Name == "" && g.GUID == "":
		return "a GPO that the report does not name"
	case g.Name == "":
		return "the GPO " + g.GUID
	case g.GUID == "":
		return `the GPO "` + g.Name + `"`
	}
	return `the GPO "` + g.Name + `" ` + g.GUID
}

// gpoLabels lists GPOs as gpoLabel names one, ten at most.
func gpoLabels(list []facts.GPO) string {
	var parts []string
	for _, g := range list[:min(len(list), maxNames)] {
		parts = append(parts, shorten(gpoLabel(g), 2*maxNameText))
	}
	text := strings.Join(parts, ", ")
	if rest := len(list) - maxNames; rest > 0 {
		text += fmt.Sprintf(" and %d more", rest)
	}
	return text
}

// userPart returns the name of an account without its domain, in lower case.
func userPart(account string) string {
	if i := strings.LastIndexByte(account, '\\'); i >= 0 {
		account = account[i+1:]
	} else if i := strings.IndexByte(account, '@'); i > 0 {
		account = account[:i]
	}
	return strings.ToLower(account)
}

// decode explains an error code as events of Windows write it, such as %%1053: its number,
// and its symbol and meaning as far as they are known. What is no code is returned as it is.
func decode(code string) string {
	c, ok := winerr.Parse(code)
	if !ok {
		return strings.TrimSpace(code)
	}
	info := c.Info()
	meaning := strings.TrimSuffix(info.Meaning, ".")
	switch {
	case info.Symbol == "" && meaning == "":
		return c.String() + " (a code whose meaning is not known)"
	case info.Symbol == "":
		return c.String() + " (" + meaning + ")"
	case meaning == "":
		return c.String() + " (" + info.Symbol + ")"
	}
	return c.String() + " (" + info.Symbol + ": " + meaning + ")"
}

// utc prints a time.
func utc(t time.Time) string {
	if t.IsZero() {
		return "an unknown time"
	}
	return t.UTC().Format(time.RFC3339)
}

// seen says how often and when events happened. They are in order of time.
func seen(events []facts.Event) string {
	n := len(events)
	if n == 0 {
		return "never"
	}
	first, last := utc(events[0].Time), utc(events[n-1].Time)
	switch n {
	case 1:
		return "once, at " + first
	case 2:
		return "twice, at " + first + " and " + last
	}
	return fmt.Sprintf("%d times, first at %s, last at %s", n, first, last)
}

// near returns the events that have one of the others within d of them.
func near(events, others []facts.Event, d time.Duration) []facts.Event {
	return selectNear(events, others, d, true)
}

// apart returns the events that have none of the others within d of them.
func apart(events, others []facts.Event, d time.Duration) []facts.Event {
	return selectNear(events, others, d, false)
}

func selectNear(events, others []facts.Event, d time.Duration, want bool) []facts.Event {
	others = inOrder(others)
	var out []facts.Event
	for _, e := range events {
		i, _ := slices.BinarySearchFunc(others, e.Time.Add(-d), func(o facts.Event, t time.Time) int {
			return o.Time.Compare(t)
		})
		if is := i < len(others) && !others[i].Time.After(e.Time.Add(d)); is == want {
			out = append(out, e)
		}
	}
	return out
}

// shorten cuts a text to a number of characters.
func shorten(s string, limit int) string {
	if len(s) <= limit || utf8.RuneCountInString(s) <= limit {
		return s
	}
	n := 0
	for i := range s {
		if n++; n == limit {
			return s[:i] + "…"
		}
	}
	return s
}
