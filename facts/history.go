package facts

import (
	"slices"
	"time"

	"github.com/gpevtx/gpevtx/evidence"
)

// Past is a trouble of the service that is over: what was seen of it between From and To,
// and how it ended. It is no finding, for there is nothing left to do about it.
type Past struct {
	From, To time.Time
	// What is a sentence without its full stop.
	What     string
	Evidence []evidence.Item
}

// maxHistory is how many troubles are told one by one; what was before is summed up.
const maxHistory = 10

// newHistory tells the failures of the service that are over because it ran again later, in
// order of time. A failure that lasts is not among them.
func newHistory(s Service) []Past {
	var out []Past
	var failures []Event
	for _, e := range s.turns() {
		if stepOf(e) == failStep {
			failures = append(failures, e)
			continue
		}
		if len(failures) > 0 {
			out = append(out, newPast(failures, e))
			failures = nil
		}
	}
	if over := len(out) - maxHistory; over > 0 {
		return slices.Concat([]Past{summedUp(out[:over+1])}, out[over+1:])
	}
	return out
}

// turns are the events that show the service fail or run, in order of time.
func (s Service) turns() []Event {
	turns := slices.Concat(s.Starts, s.Failures)
	for _, e := range s.Logons {
		if stepOf(e) == stopStep { // what stops did run
			turns = append(turns, e)
		}
	}
	turns = SortEvents(turns)
	// A good logon ends failures to log on.
	for _, e := range s.Logons {
		if !isAudit(e, 4624) {
			continue
		}
		i, _ := slices.BinarySearchFunc(turns, e, compareEvents)
		if i > 0 && isLogonFailure(turns[i-1]) {
			turns = slices.Insert(turns, i, e)
		}
	}
	return turns
}

// newPast tells of failures up to the event that shows that the service ran again.
func newPast(failures []Event, end Event) Past {
	first, last, main := failures[0], failures[len(failures)-1], failures[0]
	times := 0
	for _, e := range failures {
		if telling(e) < telling(main) {
			main, times = e, 0
		}
		if e.ID == main.ID {
			times++
		}
	}
	p := Past{From: first.Time, To: last.Time, What: narrateService(main) + " (event " + itoa(main.ID)}
	if times > 1 {
		p.What += ", " + itoa(times) + " times"
	}
	p.What += "); "
	role := "service running"
	switch stepOf(end) {
	case startStep:
		p.What += "it started again at " + utc(end.Time)
	case stopStep:
		role = "service stopped after it ran"
		p.What += "it had run again when it was stopped at " + utc(end.Time)
	case lifeStep:
		p.What += "it was at work again at " + utc(end.Time)
	default:
		role = "service logon of the account"
		p.What += "the account logged on as a service again at " + utc(end.Time)
	}
	p.Evidence = evidence.Sort([]evidence.Item{
		first.Evidence("start failed"), main.Evidence("start failed"), last.Evidence("start failed"), end.Evidence(role),
	})
	return p
}

// telling ranks failures by how well they tell the cause, the best first.
func telling(e Event) int {
	for i, ids := range [][]int{{7041, 7038}, {7001, 7003}, {7023, 7024}, {7031, 7034}, {7000}} {
		if slices.Contains(ids, e.ID) {
			return i
		}
	}
	return 9
}

// summedUp makes one of several troubles.
func summedUp(list []Past) Past {
	first, last := list[0], list[len(list)-1]
	return Past{
		From: first.From, To: last.To,
		What:     itoa(len(list)) + " failures, after each of which the service ran again; the first: " + first.What,
		Evidence: first.Evidence,
	}
}
