package facts

import (
	"slices"
	"strings"

	"github.com/gpevtx/gpevtx/evidence"
	"github.com/gpevtx/gpevtx/gpreport"
)

// Reports tells what the reports of a host cover.
type Reports struct {
	// Computer is set when a logged report covers the computer scope with its settings.
	Computer bool
	// UserOnly is set when there are logged reports, but none has the computer scope.
	UserOnly bool
	// WithoutSettings is set when logged reports have the computer scope, but none of them
	// lists settings: they are what gpresult /R prints.
	WithoutSettings bool
	// Modelled is set when all reports are simulations, which say nothing of what was applied.
	Modelled bool
	// All are the reports, sorted by source.
	All []*gpreport.Report
	// Named is set when one of the reports names the computer itself; reports without a name
	// are taken for those of the only computer there is.
	Named bool
	// Whole is set when the newest logged report of the computer scope was read and
	// understood to its end.
	Whole bool
	// Foreign tells of the reports of other computers.
	Foreign Foreign
	// Age tells whether the newest logged report shows the policy that counts.
	Age PolicyAge
	// Withheld are the GPOs that the newest logged report lists as not applied to the computer
	// and that may set user rights for all that it shows, in its order.
	Withheld []Withheld
	Evidence []evidence.Item
	Reasons  []Reason

	// latest is the newest logged report with computer data; rivals are others that may be
	// newer, because a date can be read in two ways or is missing.
	latest *gpreport.Report
	rivals []*gpreport.Report
}

const askReport = "gpresult /h gpresult.htm /scope computer /f"

func newReports(all []*gpreport.Report, h *Host) Reports {
	r := Reports{All: all}
	for _, rep := range all {
		r.Named = r.Named || rep.Host != ""
		r.Evidence = append(r.Evidence, evidence.Item{
			Role: "report", Location: evidence.Location{Source: rep.Source}, Excerpt: describeReport(rep),
		})
		if coversComputer(rep) && newer(rep, r.latest, h.zone) {
			r.latest = rep
		}
	}
	for _, rep := range all {
		if rep != r.latest && coversComputer(rep) && mayBeNewer(rep, r.latest, h.zone) {
			r.rivals = append(r.rivals, rep)
		}
	}
	if r.Computer = r.latest != nil; r.Computer {
		r.Whole = !r.latest.Incomplete && !r.latest.Computer.Incomplete
		r.Withheld = withheldGPOs(r.latest)
	}
	is := func(want gpreport.Results) func(*gpreport.Report) bool {
		return func(rep *gpreport.Report) bool { return rep.Results == want && !rep.Incomplete }
	}
	r.WithoutSettings = !r.Computer && slices.ContainsFunc(all, withoutSettings)
	r.UserOnly = !r.Computer && !r.WithoutSettings && slices.ContainsFunc(all, is(gpreport.Logged))
	r.Modelled = len(all) > 0 && !slices.ContainsFunc(all, func(rep *gpreport.Report) bool { return rep.Results != gpreport.Modelled })
	if !r.Computer {
		r.Reasons = append(h.Uncollected(InputReport), noComputerReport(all, h.Name))
	}
	return r
}

// coversComputer reports whether a report shows the settings of the computer that it recorded
// when policy was applied.
func coversComputer(r *gpreport.Report) bool {
	return r.Results == gpreport.Logged && r.Computer != nil && !withoutSettings(r)
}

// withoutSettings reports whether a report has the computer scope, but is of a kind that lists
// no settings.
func withoutSettings(r *gpreport.Report) bool {
	return r.Results == gpreport.Logged && r.Computer != nil && len(r.Computer.Rights) == 0 && len(r.Computer.Settings) == 0 &&
		slices.ContainsFunc(r.Warnings, func(w gpreport.Warning) bool { return w.Code == gpreport.NoSettings })
}

func noComputerReport(all []*gpreport.Report, host string) Reason {
	reason := Reason{
		Code: "no-computer-report", Input: host, Ask: askReport,
		Message: "There is no Group Policy report of the computer, so that it is unknown which GPO defines the logon rights. Run this in an elevated prompt on the server.",
	}
	if len(all) == 0 {
		return reason
	}
	reason.Input = string(all[0].Source)
	switch {
	case slices.ContainsFunc(all, withoutSettings):
		reason.Message = "The Group Policy report is what gpresult /R prints, which lists no settings, so that it is unknown which GPO defines the logon rights. Run this in an elevated prompt on the server."
	case all[0].Incomplete:
		reason.Message = "The Group Policy report is cut off before the results of the computer, where the logon rights would stand. Run this in an elevated prompt on the server."
	case all[0].Results == gpreport.Logged:
		reason.Message = "The Group Policy report has no results of the computer, where the logon rights would stand. Run this in an elevated prompt on the server."
	case all[0].Results == gpreport.Modelled:
		reason.Message = "The Group Policy report is a simulation (modelling) and does not say what was applied. Run this in an elevated prompt on the server."
	default:
		reason.Message = "It was not understood whether the Group Policy report shows what was applied or a simulation. Run this in an elevated prompt on the server."
	}
	return reason
}

func describeReport(r *gpreport.Report) string {
	parts := []string{string(r.Kind)}
	if r.Host != "" {
		parts = append(parts, "of "+r.Host)
	}
	switch {
	case r.Results == gpreport.Modelled:
		parts = append(parts, "modelled")
	case r.Computer != nil && r.User != nil:
		parts = append(parts, "computer and user")
	case r.Computer != nil:
		parts = append(parts, "computer only")
	case r.User != nil:
		parts = append(parts, "user only")
	}
	if r.Collected.Raw != "" {
		parts = append(parts, "collected "+r.Collected.Raw)
	}
	return strings.Join(parts, ", ")
}

// newer reports whether a was collected after b, by the later of the ways in which their
// times can be read; without times the later source counts.
func newer(a, b *gpreport.Report, z zone) bool {
	if b == nil {
		return true
	}
	wa, wb := collectedIn(a, b, z), collectedIn(b, a, z)
	if wa.Empty() || wb.Empty() {
		return wb.Empty()
	}
	return !wa.To.Before(wb.To)
}

// collectedIn is when a report was collected, on a clock that it shares with another one of
// the same host: local time when neither tells its zone, else UTC.
func collectedIn(r, other *gpreport.Report, z zone) Window {
	if len(r.Offsets) == 0 && len(other.Offsets) == 0 {
		return zone{}.window(r.Collected)
	}
	return zoneOf(r, z).window(r.Collected)
}

// mayBeNewer reports whether a may have been collected after b.
func mayBeNewer(a, b *gpreport.Report, z zone) bool {
	wa, wb := collectedIn(a, b, z), collectedIn(b, a, z)
	return wa.Empty() || wb.Empty() || wa.To.After(wb.From)
}

// unread reports whether part of a report's computer rights was not read or not
// understood, so that the absence of a right proves nothing.
func unread(r *gpreport.Report) bool {
	if r.Incomplete || r.Computer.Incomplete {
		return true
	}
	if len(r.Computer.Rights) == 0 {
		return slices.ContainsFunc(r.Warnings, func(w gpreport.Warning) bool { return w.Code == gpreport.UnknownLanguage })
	}
	return slices.ContainsFunc(r.Computer.Rights, func(a gpreport.Assignment) bool { return a.Right == "" })
}
