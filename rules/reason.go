package rules

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/gpevtx/gpevtx/facts"
)

// The codes of the reasons that this package gives; facts have their own.
const (
	// ReasonUnsettled is given when nothing says why a rule could not tell.
	ReasonUnsettled = "unsettled"
	// ReasonNotApplicable is given when the condition "when" of a rule does not hold.
	ReasonNotApplicable = "not-applicable"
	// ReasonNoReport is given when there is no Group Policy report of the host.
	ReasonNoReport = "no-report"
	// ReasonNoComputerReport is given when no report covers the computer scope.
	ReasonNoComputerReport = "no-computer-report"
	// ReasonNoLog is given when no input holds events of a channel.
	ReasonNoLog = "no-log"
	// ReasonLogGap is given when a log does not cover the time in question.
	ReasonLogGap = "log-does-not-cover"
)

// askReport is the command that makes the report which rules about rights need.
const askReport = "gpresult /h gpresult.htm /scope computer /f"

var unsettled = facts.Reason{
	Code:    ReasonUnsettled,
	Message: "The inputs show neither the problem nor its absence.",
}

var noReport = facts.Reason{
	Code:    ReasonNoReport,
	Input:   InputReport,
	Message: "There is no Group Policy report of this computer. Make one in an elevated command prompt.",
	Ask:     askReport,
}

// noComputerReport says why no report covers the computer: in the words of the reports
// themselves if they have any.
func noComputerReport(r facts.Reports) []facts.Reason {
	if len(r.Reasons) > 0 {
		return r.Reasons
	}
	message := "There is no Group Policy report of this computer."
	if r.UserOnly {
		message = "The Group Policy reports show a user's policy only, not the computer's."
	}
	return []facts.Reason{{
		Code:    ReasonNoComputerReport,
		Input:   InputComputerReport,
		Message: message + " Make one in an elevated command prompt.",
		Ask:     askReport,
	}}
}

// systemLog is the channel in which Windows tells of services.
const systemLog = "System"

// noLog says that there is no log of a channel, after the reason for it where a tool left its
// error in place of the log.
func noLog(h *facts.Host, channel string) []facts.Reason {
	reasons := h.Uncollected(channel)
	for i := range reasons {
		reasons[i].Ask = exportCommand(channel)
	}
	return append(reasons, facts.Reason{
		Code:    ReasonNoLog,
		Input:   channel,
		Message: fmt.Sprintf("No input holds events of the channel %s.", channel),
		Ask:     exportCommand(channel),
	})
}

// logGap says that the log of a channel does not reach over w.
func logGap(channel string, w facts.Window) facts.Reason {
	message := fmt.Sprintf("The log of the channel %s does not reach from %s to %s without a hole, so an event that is missing in it may still have happened.",
		channel, w.From.UTC().Format(time.RFC3339), w.To.UTC().Format(time.RFC3339))
	if w.Empty() {
		message = fmt.Sprintf("It is not known what the service did last, so an event that is missing in the log of the channel %s proves nothing.", channel)
	}
	return facts.Reason{Code: ReasonLogGap, Input: channel, Message: message, Ask: exportCommand(channel)}
}

// exportCommand is the command that exports the log of a channel.
func exportCommand(channel string) string {
	file := strings.Map(func(r rune) rune {
		if strings.ContainsRune(`/\:*?"<>| `, r) {
			return '-'
		}
		return r
	}, channel) + ".evtx"
	if strings.Contains(channel, " ") {
		channel = `"` + channel + `"`
	}
	return "wevtutil epl " + channel + " " + file
}

// coverageReasons says which logs that the rule needs do not cover the time in which
// absent events would mean something.
func coverageReasons(r *Rule, h *facts.Host) []facts.Reason {
	var reasons []facts.Reason
	gap := func(channel string) {
		if !h.Logs.Cover(channel, h.Service.Window) {
			reasons = append(reasons, logGap(channel, h.Service.Window))
		}
	}
	for _, kind := range r.Needs.Inputs {
		if channels := inputChannels(kind); len(channels) > 0 {
			gap(channels[0])
		}
		if kind == InputService {
			gap(systemLog)
		}
	}
	for _, need := range r.Needs.Events {
		if need.Optional {
			continue
		}
		for _, channel := range need.Selector.Channels {
			gap(channel)
		}
	}
	return reasons
}

// factReasons returns what the facts that the rule declares leave open.
func factReasons(r *Rule, h *facts.Host) []facts.Reason {
	var reasons []facts.Reason
	for _, fact := range r.Needs.Facts {
		switch fact {
		case FactAccount:
			reasons = append(reasons, h.Account.Reasons...)
		case FactRights:
			for _, right := range h.Rights.All() {
				reasons = append(reasons, right.Reasons...)
			}
		case FactLocalPolicy:
			reasons = append(reasons, h.LocalPolicy.Reasons...)
		case FactService:
			reasons = append(reasons, h.Service.Reasons...)
		case FactReports:
			reasons = append(reasons, h.Reports.Reasons...)
		case FactSettings:
			reasons = append(reasons, h.Settings.Reasons...)
		case FactPolicy:
			reasons = slices.Concat(reasons, h.Policy.Reasons, h.Policy.Revocation.Reasons, h.Policy.Difference.Reasons, h.Policy.Editing.Reasons)
		}
	}
	return reasons
}

// withReason returns the reasons without repetitions, and at least one.
func withReason(reasons []facts.Reason) []facts.Reason {
	if len(reasons) == 0 {
		return []facts.Reason{unsettled}
	}
	return distinct(reasons)
}

// distinct returns the reasons without repetitions, in the order in which they first
// came.
func distinct(reasons []facts.Reason) []facts.Reason {
	var out []facts.Reason
	seen := make(map[facts.Reason]bool, len(reasons))
	for _, r := range reasons {
		if !seen[r] {
			seen[r] = true
			out = append(out, r)
		}
	}
	return out
}
