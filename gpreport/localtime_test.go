package gpreport

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestLocalTime(t *testing.T) {
	tests := []struct {
		in, raw string
		want    []string
	}{
		{"Data collected on: 10/18/2023 6:10:01 PM", "10/18/2023 6:10:01 PM", []string{"2023-10-18T18:10:01"}},
		{"Data collected on: 21/01/2025 7:10:55 pm", "21/01/2025 7:10:55 pm", []string{"2025-01-21T19:10:55"}},
		{"Data collected on: 4/2/2021 7:53:33 PM", "4/2/2021 7:53:33 PM", []string{"2021-02-04T19:53:33", "2021-04-02T19:53:33"}},
		{"Data collected on: 5/5/2021 12:00:00 AM", "5/5/2021 12:00:00 AM", []string{"2021-05-05T00:00:00"}},
		{"Data collected on: 10/18/2023 12:30:00 PM", "10/18/2023 12:30:00 PM", []string{"2023-10-18T12:30:00"}},
		{"Данные собраны: 22.07.2024 23:09:49", "22.07.2024 23:09:49", []string{"2024-07-22T23:09:49"}},
		{"数据收集时间: 2025/8/21 10:14:32", "2025/8/21 10:14:32", []string{"2025-08-21T10:14:32"}},
		{"数据收集时间: 2025/8/21 星期四 下午 10:14:32", "2025/8/21 星期四 下午 10:14:32", []string{"2025-08-21T22:14:32"}},
		{"Données recueillies le\u00a0: 04/11/2022 14:17:26", "04/11/2022 14:17:26", []string{"2022-04-11T14:17:26", "2022-11-04T14:17:26"}},
		{"Created on \u200e11/\u200e6/\u200e2020 1:02 PM", "11/6/2020 1:02 PM", []string{"2020-06-11T13:02:00", "2020-11-06T13:02:00"}},
		{"on 10/18/2023 6:10:01\u202fPM", "10/18/2023 6:10:01 PM", []string{"2023-10-18T18:10:01"}},
		{"x: 2023-10-18 오후 6:10:01", "2023-10-18 오후 6:10:01", []string{"2023-10-18T18:10:01"}},
		{"x: 2023/10/18 18:10:01 に", "2023/10/18 18:10:01", []string{"2023-10-18T18:10:01"}},
		{"x: 2023年10月18日 18:10:01", "2023年10月18日 18:10:01", []string{"2023-10-18T18:10:01"}},
		{"x: 2023. 10. 18. 18:10:01", "2023. 10. 18. 18:10:01", []string{"2023-10-18T18:10:01"}},
		{"x: 18. 10. 2023 18:10", "18. 10. 2023 18:10", []string{"2023-10-18T18:10:00"}},
		{"x: 18-10-2023 18.10.01", "18-10-2023 18.10.01", []string{"2023-10-18T18:10:01"}},
		{"le 18/10/2023 à 08:10:01.", "18/10/2023 à 08:10:01", []string{"2023-10-18T08:10:01"}},
		{"x: 18/10/2023 6:10:01 p. m.", "18/10/2023 6:10:01 p. m.", []string{"2023-10-18T18:10:01"}},
		// Nothing is guessed.
		{"x: 10/18/2023 6:10:01 غ", "10/18/2023 6:10:01", nil},
		{"x: 2023/10/18 凌晨 6:10:01", "2023/10/18 凌晨 6:10:01", nil},
		{"x: 18/10/2566 18:10:01", "18/10/2566 18:10:01", nil},
		{"x: 18/10/23 18:10:01", "18/10/23 18:10:01", nil},
		{"x: 31/02/2023 18:10:01", "31/02/2023 18:10:01", nil},
		{"x: 18/10/2023 25:10:01", "18/10/2023 25:10:01", nil},
		{"Data collected on: yesterday", "yesterday", nil},
		{"yesterday", "yesterday", nil},
		{"", "", nil},
	}
	for _, tt := range tests {
		in := &interpreter{}
		got := in.localTime(tt.in)
		var times []string
		for _, c := range got.Candidates {
			times = append(times, c.Format("2006-01-02T15:04:05"))
		}
		if got.Raw != tt.raw {
			t.Errorf("%q: raw %q, want %q", tt.in, got.Raw, tt.raw)
		}
		if diff := cmp.Diff(tt.want, times); diff != "" {
			t.Errorf("%q (-want +got):\n%s", tt.in, diff)
		}
	}
}

func TestClock(t *testing.T) {
	event := func(utc, local string) string {
		return "&lt;TimeCreated SystemTime='" + utc + "'/&gt;</EventXml><EventTime>" + local + "</EventTime>"
	}
	plus2 := event("2023-10-04T18:00:12.1891017Z", "10/4/2023 8:00:12 PM")
	tests := []struct {
		name, tail string
		offsets    []time.Duration
		want       []string // readings of 9/11/2023 11:07:08 PM
	}{
		{"none", "", nil, []string{"2023-09-11", "2023-11-09"}},
		{"month first", plus2, []time.Duration{2 * time.Hour}, []string{"2023-09-11"}},
		{"day first", event("2023-10-04T18:00:12Z", "4/10/2023 20:00:12"), []time.Duration{2 * time.Hour}, []string{"2023-11-09"}},
		{"west, over midnight", event("2023-10-05T01:00:12Z", "10/4/2023 6:00:12 PM"), []time.Duration{-7 * time.Hour}, []string{"2023-09-11"}},
		{"half an hour", event("2023-10-04T18:00:12Z", "10/4/2023 11:30:12 PM"), []time.Duration{5*time.Hour + 30*time.Minute}, []string{"2023-09-11"}},
		{"same day and month", event("2023-10-10T18:00:12Z", "10/10/2023 8:00:12 PM"), []time.Duration{2 * time.Hour}, []string{"2023-09-11", "2023-11-09"}},
		{"clock was changed", plus2 + event("2023-11-04T18:00:12Z", "11/4/2023 7:00:12 PM"), []time.Duration{time.Hour, 2 * time.Hour}, []string{"2023-09-11"}},
		{"times that do not fit", event("2023-10-04T18:00:12Z", "10/4/2023 8:07:12 PM"), nil, []string{"2023-09-11", "2023-11-09"}},
		{"escaped quotes", "SystemTime=&#39;2023-10-04T18:00:12Z&#39;<EventTime>10/4/2023 8:00:12 PM<", []time.Duration{2 * time.Hour}, []string{"2023-09-11"}},
		{"the next event's time", "SystemTime='2023-10-04T18:00:12Z' SystemTime='x'<EventTime>10/4/2023 8:00:12 PM</EventTime>", nil, []string{"2023-09-11", "2023-11-09"}},
		{"cut off", plus2[:len(plus2)-24], nil, []string{"2023-09-11", "2023-11-09"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			in := &interpreter{clock: readClock(tt.tail)}
			if diff := cmp.Diff(tt.offsets, in.clock.offsets); diff != "" {
				t.Errorf("offsets (-want +got):\n%s", diff)
			}
			var got []string
			for _, c := range in.localTime("x: 9/11/2023 11:07:08 PM").Candidates {
				got = append(got, c.Format(time.DateOnly))
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("candidates (-want +got):\n%s", diff)
			}
		})
	}
}
