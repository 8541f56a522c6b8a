package main

import (
	"fmt"
	"io"
	"os"
	"time"

	"github.com/gpevtx/gpevtx/analyzer"
	"github.com/gpevtx/gpevtx/render"
)

// progressLine shows how far the work is in one line of a terminal. Without a terminal it
// shows nothing.
type progressLine struct {
	w     io.Writer // nil without a terminal
	now   func() time.Time
	width int
	last  time.Time
	shown bool
}

// progressEvery is the least time between two updates.
const progressEvery = 100 * time.Millisecond

func newProgressLine(w io.Writer) *progressLine {
	if !isTerminal(w) || os.Getenv("TERM") == "dumb" {
		w = nil
	}
	return &progressLine{w: w, now: time.Now, width: 79}
}

// show tells of the progress of an analysis.
func (l *progressLine) show(p analyzer.Progress) {
	if p.Source == "" {
		l.clear()
		return
	}
	percent := 100.0
	if p.Total > 0 {
		percent = 100 * float64(p.Done) / float64(p.Total)
	}
	l.say(fmt.Sprintf("%3.0f%% of %s  %s", percent, megabytes(p.Total), p.Source))
}

func megabytes(n int64) string { return fmt.Sprintf("%.1f MB", float64(n)/1e6) }

// say puts text in place of the line, unless the last update was just now.
func (l *progressLine) say(text string) {
	now := l.now()
	if l.w == nil || now.Sub(l.last) < progressEvery {
		return
	}
	l.last, l.shown = now, true
	fmt.Fprintf(l.w, "\r\x1b[K%s", render.Fit(text, l.width))
}

// clear removes the line.
func (l *progressLine) clear() {
	if l.shown {
		fmt.Fprint(l.w, "\r\x1b[K")
		l.shown = false
	}
}
