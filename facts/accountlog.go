package facts

import (
	"slices"
	"strings"

	"github.com/gpevtx/gpevtx/sid"
)

// accountLog are the changes of accounts in the logs of all computers, so that each host
// finds those of its account without looking at all.
type accountLog struct {
	// bySID are the changes of each account, in order of time. Hosts share these lists.
	bySID map[sid.SID][]Event
	// byName are the accounts that had a name, without its domain and in lower case, in the
	// order in which they were last seen with it.
	byName map[string][]namedAccount
}

// namedAccount is a SID with a name that events give its account.
type namedAccount struct {
	name string
	id   sid.SID
}

// newAccountLog sorts the changes of accounts that came in.
func (c *Collector) newAccountLog() accountLog {
	l := accountLog{bySID: make(map[sid.SID][]Event), byName: make(map[string][]namedAccount)}
	var events []Event
	for _, in := range c.hosts {
		events = append(events, in.events[accountEvents].Events()...)
	}
	events = SortEvents(events)
	last := make(map[namedAccount]int)
	for i, e := range events {
		id := e.SID("TargetSid")
		l.bySID[id] = append(l.bySID[id], e)
		if e.ID != 4740 { // which has the computer that it came from in place of the domain
			last[namedAccount{targetName(e), id}] = i
		}
	}
	for a := range last {
		key := strings.ToLower(sid.Principal{Name: a.name}.Account())
		l.byName[key] = append(l.byName[key], a)
	}
	for _, list := range l.byName {
		slices.SortFunc(list, func(a, b namedAccount) int { return last[a] - last[b] })
	}
	return l
}

// learnChanges takes the changes of the account, and its SID where nothing else told it.
// Accounts are matched by SID, and by the whole name.
func (a *Account) learnChanges(h *Host, log accountLog) {
	if a.Assumed {
		return // nobody said that it is this account
	}
	self, learn := a.principal(), a.SID == ""
	var own []sid.SID
	add := func(id sid.SID) {
		if id != "" && !slices.Contains(own, id) && len(own) < maxSIDs {
			own = append(own, id)
		}
	}
	add(a.SID)
	for _, n := range log.byName[strings.ToLower(self.Account())] {
		if h.compare(self, sid.Principal{Name: n.name}) != sid.Same {
			continue
		}
		add(n.id)
		if learn && strings.HasPrefix(string(n.id), "S-1-5-21-") {
			a.SID = n.id // of two accounts that had the name in turn, the newer
		}
	}
	if len(own) == 1 {
		a.Changes = log.bySID[own[0]]
		return
	}
	for _, id := range own {
		a.Changes = append(a.Changes, log.bySID[id]...)
	}
	a.Changes = SortEvents(a.Changes)
}

// maxSIDs is how many accounts may have had a name in turn.
const maxSIDs = 20

// findDeletions finds the deletions of the accounts that a list has by their SIDs only: a
// domain controller logs those of its domain.
func (r *Right) findDeletions(log accountLog) {
	for _, p := range r.Orphans {
		for _, e := range log.bySID[p.SID] {
			if e.ID == 4726 {
				r.Deletions = append(r.Deletions, e)
			}
		}
	}
	r.Deletions = SortEvents(r.Deletions)
}
