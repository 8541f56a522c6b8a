package facts

import (
	"strconv"
	"strings"
	"time"

	"github.com/gpevtx/gpevtx/collected"
	"github.com/gpevtx/gpevtx/gpreport"
)

// zone is what is known of a computer's time zone: its local time is between least and
// most ahead of UTC.
type zone struct {
	least, most time.Duration
	stated      bool // by the user, which outranks all else
}

// anyZone holds for every computer.
var anyZone = zone{least: -12 * time.Hour, most: 14 * time.Hour}

// findZone is the zone that the user states; else that of the newest event 6013, whose last
// string is the bias in minutes and the zone's name, such as "480 Pacific Standard Time".
// The bias is that of standard time, so that daylight time may add an hour. A registry export
// narrows it, and stands in for it.
func findZone(stated *time.Duration, events []Event, files []*collected.File) zone {
	if stated != nil {
		return zone{least: *stated, most: *stated, stated: true}
	}
	for i := len(events) - 1; i >= 0; i-- {
		e := events[i]
		if e.ID != 6013 || !strings.EqualFold(e.Provider, eventLog) {
			continue
		}
		minutes, _, _ := strings.Cut(e.Param(7), " ")
		if n, err := strconv.Atoi(minutes); err == nil && n >= -14*60 && n <= 12*60 {
			offset := -time.Duration(n) * time.Minute
			return zone{least: offset, most: offset + time.Hour}.narrowedBy(registryZone(files))
		}
	}
	return registryZone(files)
}

// registryZone is the zone that the registry exports of a host agree on, in both halves of
// the year; any when they do not.
func registryZone(files []*collected.File) zone {
	found, known := anyZone, false
	for _, f := range files {
		r := f.Registry
		if r == nil || !r.Bias.Known() || r.Bias.N < -14*60 || r.Bias.N > 12*60 {
			continue
		}
		z := zone{least: ahead(r.Bias.N + bias(r.StandardBias, 0)), most: ahead(r.Bias.N + bias(r.DaylightBias, -60))}
		if r.NoDaylight {
			z.most = z.least
		}
		if z.most < z.least {
			z.least, z.most = z.most, z.least
		}
		if known && z != found {
			return anyZone
		}
		found, known = z, true
	}
	return found
}

func ahead(minutes int64) time.Duration { return -time.Duration(minutes) * time.Minute }

// bias is what is added to the bias in one half of the year: an hour or so.
func bias(n collected.Number, fallback int64) int64 {
	if !n.Known() || n.N < -120 || n.N > 120 {
		return fallback
	}
	return n.N
}

// narrowedBy is what both zones allow; z alone where they have nothing in common, as when
// the computer was moved to another zone.
func (z zone) narrowedBy(other zone) zone {
	both := zone{least: max(z.least, other.least), most: min(z.most, other.most)}
	if both.least > both.most {
		return z
	}
	return both
}

// zoneOf is the zone of a report where it tells, by listing events in both local time and
// UTC, or by being in UTC as XML is; else that of the logs.
func zoneOf(r *gpreport.Report, logs zone) zone {
	if len(r.Offsets) == 0 || logs.stated && r.Kind != gpreport.GPResultXML {
		return logs
	}
	return zone{least: r.Offsets[0], most: r.Offsets[len(r.Offsets)-1]}
}

// window returns the earliest and latest moment that a report's local time can mean; it is
// empty when the text was not understood.
func (z zone) window(t gpreport.LocalTime) Window {
	if len(t.Candidates) == 0 {
		return Window{}
	}
	first, last := t.Candidates[0], t.Candidates[len(t.Candidates)-1]
	return Window{first.Add(-z.most), last.Add(-z.least)}
}
