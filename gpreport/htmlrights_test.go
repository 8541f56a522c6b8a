package gpreport_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gpevtx/gpevtx/gpreport"
)

func names(a gpreport.Assignment) []string {
	list := []string{}
	for _, p := range a.Principals {
		list = append(list, p.Name)
	}
	return list
}

func TestRightsRows(t *testing.T) {
	tests := []struct {
		name, cell string
		want       []string
	}{
		{"nobody", "", []string{}},
		{"nobody, with a space", "&nbsp;", []string{}},
		{"one", "Administrators", []string{"Administrators"}},
		{"several, in their order", `CONTOSO\b, CONTOSO\a, Guests`, []string{`CONTOSO\b`, `CONTOSO\a`, "Guests"}},
		{"dots and spaces", `IIS APPPOOL\.NET v4.5 Classic, NT SERVICE\ADSync`, []string{`IIS APPPOOL\.NET v4.5 Classic`, `NT SERVICE\ADSync`}},
		{"dollar and two spaces", `CONTOSO\gmsa-sync$, CONTOSO\Two  Spaces`, []string{`CONTOSO\gmsa-sync$`, `CONTOSO\Two  Spaces`}},
		{"unresolved SID", "S-1-5-21-1-2-3-1104, Administrators", []string{"S-1-5-21-1-2-3-1104", "Administrators"}},
		{"SID with an asterisk", "*S-1-5-80-0", []string{"S-1-5-80-0"}},
		{"stale names", "!NoUseGuest!, ADD YOUR DOMAIN ADMINS", []string{"!NoUseGuest!", "ADD YOUR DOMAIN ADMINS"}},
		{"entities", `CONTOSO\R&amp;D, CONTOSO\O&#39;Neil`, []string{`CONTOSO\R&D`, `CONTOSO\O'Neil`}},
		{"no space behind the comma", "a,b", []string{"a", "b"}},
		{"line breaks", "a<br/>b<br>c", []string{"a", "b", "c"}},
		{"wrapped source", "CONTOSO\\Sync\r\n    Admins, b", []string{`CONTOSO\Sync Admins`, "b"}},
		{"wide commas", "a，b、c", []string{"a", "b", "c"}},
		{"semicolons", "a; b", []string{"a", "b"}},
		{"formatted", "<b>a</b>, <i>b</i>", []string{"a", "b"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := parse(t, page{computer: sync01(row("Log on as a service", tt.cell, "Server Baseline")).String()})
			a, ok := r.Computer.Right("seservicelogonRIGHT")
			if !ok {
				t.Fatal("SeServiceLogonRight not found")
			}
			if diff := cmp.Diff(tt.want, names(a)); diff != "" {
				t.Errorf("principals (-want +got):\n%s", diff)
			}
			odd := strings.ContainsAny(tt.cell, "，、") || tt.name == "semicolons"
			if got := slices.Contains(codes(r), gpreport.OddSeparator); got != odd {
				t.Errorf("warning %q: %v, want %v", gpreport.OddSeparator, got, odd)
			}
		})
	}
}

func TestRightsLocation(t *testing.T) {
	p := page{computer: sync01(
		row("Log on as a batch job", "Administrators", "Default Domain Policy"),
		`<tr><th>Policy</th><th>Setting</th><th>Winning GPO</th></tr>`,
		row("Log on as a service", `CONTOSO\svc-backup`, "Server Baseline"),
	).String()}
	r := parse(t, p)
	a, _ := r.Computer.Right("SeServiceLogonRight")
	want := []string{"Computer Details", "Settings", "Policies", "Windows Settings", "Security Settings", rightsTitle}
	if diff := cmp.Diff(want, a.Location.Section); diff != "" {
		t.Errorf("section (-want +got):\n%s", diff)
	}
	if a.Location.Row != 2 {
		t.Errorf("row %d, want 2: header rows do not count", a.Location.Row)
	}
	if a.Location.Source != "report.html" {
		t.Errorf("source %q", a.Location.Source)
	}
	if line := strings.Split(p.String(), "\n")[a.Location.Line-1]; !strings.Contains(line, "svc-backup") {
		t.Errorf("line %d is %q", a.Location.Line, line)
	}
	if a.Winner != (gpreport.GPORef{Name: "Server Baseline", GUID: guidB}) {
		t.Errorf("winner %+v", a.Winner)
	}
}

func TestRightDefinedOrNot(t *testing.T) {
	r := parse(t, page{computer: sync01(row("Deny log on as a service", "", "Server Baseline")).String(), user: someUser().String()})
	if a, ok := r.Computer.Right("SeDenyServiceLogonRight"); !ok || len(a.Principals) != 0 {
		t.Errorf("a right for nobody: %v, %+v", ok, a)
	}
	if _, ok := r.Computer.Right("SeServiceLogonRight"); ok {
		t.Error("found a right that has no row")
	}
	if r.Computer.Incomplete {
		t.Error("a whole report is incomplete")
	}
	if _, ok := r.Computer.Right(""); ok {
		t.Error("the empty constant was found")
	}
	var none *gpreport.Scope
	if _, ok := none.Right("SeServiceLogonRight"); ok {
		t.Error("a nil scope has a right")
	}
}

func TestUserHalfHasNoRights(t *testing.T) {
	u := someUser()
	u.settings = settingsOf(table(rightsTitle, english, row("Log on as a service", "Everyone", "Server Baseline")))
	r := parse(t, page{user: u.String()})
	if r.Computer != nil {
		t.Error("the user's half was taken for the computer's")
	}
	if r.User == nil || len(r.User.Rights) != 0 {
		t.Errorf("user rights from the user's half: %+v", r.User)
	}
}

func TestTerminalServices(t *testing.T) {
	for _, name := range []string{"Allow log on through Terminal Services", "Allow log on through Remote Desktop Services"} {
		r := parse(t, page{computer: sync01(row(name, "Administrators", "Server Baseline")).String()})
		if _, ok := r.Computer.Right("SeRemoteInteractiveLogonRight"); !ok {
			t.Errorf("%q was not recognised", name)
		}
	}
}

func TestRightsWarnings(t *testing.T) {
	known := row("Log on as a service", `CONTOSO\svc-a`, "Server Baseline")
	twice := sync01(row("Log on as a service", "a", "Twice"))
	twice.applied = []gpo{{title: "Twice [" + guidA + "]"}, {title: "Twice [" + guidB + "]"}}
	tests := []struct {
		name       string
		computer   half
		code       string
		rights     int
		incomplete bool
	}{
		{"duplicate", sync01(known, row("LOG ON AS A SERVICE", "Everyone", "Default Domain Policy")), gpreport.DuplicateRight, 1, false},
		{"unknown in English", sync01(known, row("Log on by telepathy", "Everyone", "Server Baseline")), gpreport.UnknownRight, 2, true},
		{"ambiguous winner", twice, gpreport.AmbiguousWinner, 1, false},
		{"winner not applied", sync01(row("Log on as a service", "a", "Gone")), gpreport.UnlistedWinner, 1, false},
		{"two cells", sync01(known, row("Log on as a batch job", "a")), gpreport.OddRow, 1, true},
		{"spanning cells", sync01(known, `<tr><td colspan="3">Log on as a batch job</td></tr>`), gpreport.OddRow, 1, true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := parse(t, page{computer: tt.computer.String()})
			if diff := cmp.Diff([]string{tt.code}, codes(r)); diff != "" {
				t.Errorf("warnings (-want +got):\n%s", diff)
			}
			if len(r.Computer.Rights) != tt.rights || r.Computer.Incomplete != tt.incomplete {
				t.Errorf("%d rights, incomplete %v; want %d, %v", len(r.Computer.Rights), r.Computer.Incomplete, tt.rights, tt.incomplete)
			}
			a, ok := r.Computer.Right("SeServiceLogonRight")
			if !ok || slices.Contains(names(a), "Everyone") || a.Unsettled != (tt.code == gpreport.DuplicateRight || tt.name == "spanning cells") {
				t.Errorf("the first row must come first, and not count for sure if there is another: %+v", a)
			}
			if tt.code == gpreport.AmbiguousWinner && a.Winner.GUID != "" {
				t.Errorf("a GUID for an ambiguous winner: %+v", a.Winner)
			}
			if r.Warnings[0].Line == 0 {
				t.Error("the warning has no line")
			}
		})
	}
}

// A report in another language has its own words everywhere; structure and the
// names of rights are all there is.
func TestRightsByLanguage(t *testing.T) {
	tests := []struct {
		lang, title    string
		head           [3]string
		service, batch string
	}{
		{"en", rightsTitle, english, "Log on as a service", "Log on as a batch job"},
		{"fr", "Stratégies locales/Attribution des droits utilisateur", [3]string{"Stratégie", "Paramètre", "OSG gagnant"}, "Ouvrir une session en tant que service", "Ouvrir une session en tant que tâche"},
		{"fr", "stratégies locales/attribution des droits\u00a0utilisateur", [3]string{"Stratégie", "Paramètre", "GPO"}, "Ouvrir une session en tant que\u00a0service", "Ouvrir une session en tant que tâche"},
		{"de", "Lokale Richtlinien/Zuweisen von Benutzerrechten", [3]string{"Richtlinie", "Einstellung", "Ausschlaggebendes Gruppenrichtlinienobjekt"}, "Anmelden als Dienst", "Anmelden als Stapelverarbeitungsauftrag"},
		{"de", "Ganz andere Worte/Für Rechte", [3]string{"a", "b", "c"}, "Anmelden als Dienst", "Anmelden als Batch Auftrag"},
		{"ja", "ローカル ポリシー/ユーザー権利の割り当て", [3]string{"ポリシー", "設定", "優勢な GPO"}, "サービスとしてログオン", "バッチ ジョブとしてログオンします"},
		{"ru", "Локальные политики/Назначение прав пользователя", [3]string{"Политика", "Параметр", "Результирующий объект групповой политики"}, "Вход в качестве службы", "Вход в качестве пакетного задания"},
		{"zh-CN", "本地策略/用户权限分配", [3]string{"策略", "设置", "入选的 GPO"}, "作为服务登录", "作为批处理作业登录"},
	}
	for i, tt := range tests {
		t.Run(fmt.Sprint(tt.lang, i), func(t *testing.T) {
			c := sync01()
			c.settings = section("1h_expanded", "①", section("1_expanded", "②", section("2", "③",
				table("④/⑤", tt.head, row("⑥", "1", "Server Baseline"))+
					table(tt.title, tt.head, row(tt.service, `CONTOSO\svc-a, Everyone`, "Server Baseline"), row(tt.batch, "", "Server Baseline")))))
			if tt.lang != "en" {
				c.names = [5]string{"⑦", "⑧", "⑨", "⑩", "⑪"}
				c.appliedHeading, c.deniedHeading = "⑫", "⑬"
				c.gpoLabels = []string{"a", "b", "c", "d", "e", "f", "g", "h"}
				for i := range c.general {
					c.general[i][0] = "⑭"
				}
			}
			p := page{computer: c.String(), computerDetails: "⑮", userDetails: "⑯", results: "⑰"}
			if tt.lang != "en" {
				p.stamp = "⑱ 18.10.2023 18:10:01"
				p.user = `<div class="he4i">⑲</div>`
			}
			r, err := parseBytes([]byte(strings.ReplaceAll(p.String(), "Summary", "⑳")))
			if err != nil {
				t.Fatal(err)
			}
			if r.Language != tt.lang {
				t.Errorf("language %q, want %q", r.Language, tt.lang)
			}
			for constant, want := range map[string][]string{
				"SeServiceLogonRight": {`CONTOSO\svc-a`, "Everyone"},
				"SeBatchLogonRight":   {},
			} {
				a, ok := r.Computer.Right(constant)
				if !ok {
					t.Fatalf("%s not found in %+v", constant, r.Computer.Rights)
				}
				if diff := cmp.Diff(want, names(a)); diff != "" {
					t.Errorf("%s (-want +got):\n%s", constant, diff)
				}
				if a.Winner.GUID != guidB {
					t.Errorf("%s: winner %+v", constant, a.Winner)
				}
			}
			c2 := r.Computer
			if r.Host != "SYNC01" || r.Domain != "contoso.com" || c2.Site != "Default-First-Site-Name" || c2.OU != "contoso.com/Servers" {
				t.Errorf("host %q, domain %q, site %q, OU %q", r.Host, r.Domain, c2.Site, c2.OU)
			}
			if len(c2.Applied) != 2 || len(c2.Denied) != 1 || c2.Applied[1].Link != "contoso.com/Servers" || c2.Denied[0].DeniedReason != "Empty" || !c2.Denied[0].Local {
				t.Errorf("GPOs: %+v %+v", c2.Applied, c2.Denied)
			}
			if r.User != nil {
				t.Error("a half without data is not nil")
			}
		})
	}
}

func TestOriginOfRights(t *testing.T) {
	want := map[string]gpreport.Origin{
		"Change the system time":                      gpreport.Printed,
		"Ouvrir une session en tant que tâche":        gpreport.Printed,
		"Als Dienst anmelden":                         gpreport.Documented,
		"Accedere al computer dalla rete":             gpreport.Translated,
		"Log on as something that nobody knows":       "",
		"Deny log on through Remote Desktop Services": gpreport.Documented,
	}
	var rows []string
	for name := range want {
		rows = append(rows, row(name, "a", "Server Baseline"))
	}
	r := parse(t, page{computer: sync01(rows...).String()})
	if len(r.Computer.Rights) != len(want) {
		t.Fatalf("%d rights, want %d", len(r.Computer.Rights), len(want))
	}
	for _, a := range r.Computer.Rights {
		if a.Origin != want[a.Display] || (a.Origin == "") != (a.Right == "") {
			t.Errorf("%q is %q by %q, want %q", a.Display, a.Right, a.Origin, want[a.Display])
		}
	}
}

func TestUnknownLanguage(t *testing.T) {
	foreign := [3]string{"a", "b", "c"}
	build := func(tables ...string) page {
		c := sync01()
		c.names = [5]string{"①", "②", "③", "④", "⑤"}
		c.settings = section("1h_expanded", "⑥", section("2", "⑦", strings.Join(tables, "")))
		return page{results: "⑧", stamp: "⑨ 18.10.2023 18:10:01", computer: c.String(), computerDetails: "⑩", userDetails: "⑪"}
	}
	parseForeign := func(t *testing.T, p page) *gpreport.Report {
		t.Helper()
		text := p.String()
		for _, w := range []string{"Summary", "Applied GPOs", "Denied GPOs", "Component Name"} {
			text = strings.ReplaceAll(text, w, "⑫")
		}
		r, err := parseBytes(utf16LE(text))
		if err != nil {
			t.Fatal(err)
		}
		if r.Language != "" || !slices.Contains(codes(r), gpreport.UnknownLanguage) {
			t.Errorf("language %q, warnings %q", r.Language, codes(r))
		}
		return r
	}
	t.Run("no table can be told to be the one of rights", func(t *testing.T) {
		r := parseForeign(t, build(table("⑬/⑭", foreign, row("⑮", "1", "Server Baseline"))))
		if len(r.Computer.Rights) != 0 || !r.Computer.Incomplete || !slices.Contains(codes(r), gpreport.RightsNotFound) {
			t.Errorf("rights %+v, incomplete %v, warnings %q", r.Computer.Rights, r.Computer.Incomplete, codes(r))
		}
		if len(r.Computer.Settings) != 1 {
			t.Errorf("settings %+v", r.Computer.Settings)
		}
	})
	t.Run("an unknown right may be any", func(t *testing.T) {
		r := parseForeign(t, build(table("⑬/⑭", foreign, row("⑮", "x", "Server Baseline"), row("Log on as a service", "y", "Server Baseline"), row("Anmelden als Batch Auftrag", "y", "Server Baseline"))))
		if len(r.Computer.Rights) != 3 || r.Computer.Rights[0].Right != "" || r.Computer.Rights[0].Display != "⑮" || !r.Computer.Incomplete {
			t.Errorf("rights %+v, incomplete %v", r.Computer.Rights, r.Computer.Incomplete)
		}
	})
	t.Run("no such table at all", func(t *testing.T) {
		if r := parseForeign(t, build()); r.Computer.Incomplete {
			t.Errorf("incomplete; warnings %+v", r.Warnings)
		}
	})
}

func TestRightNames(t *testing.T) {
	tests := []struct{ constant, display string }{
		{"SeServiceLogonRight", "Log on as a service"},
		{"sedenyservicelogonright", "Deny log on as a service"},
		{"SeRemoteInteractiveLogonRight", "Allow log on through Terminal Services"},
		{"SeSystemTimePrivilege", "Change the system time"},
		{"SeUnsolicitedInputPrivilege", ""},
		{"SeNoSuchRight", ""},
	}
	for _, tt := range tests {
		if got := gpreport.RightName(tt.constant); got != tt.display {
			t.Errorf("RightName(%q) = %q, want %q", tt.constant, got, tt.display)
		}
	}
	for display, want := range map[string]string{
		"  LOG ON AS A\u00a0SERVICE ":                                 "SeServiceLogonRight",
		"Permettre l'ouverture d'une session locale":                  "SeInteractiveLogonRight",
		"Permettre l’ouverture d’une session locale":                  "SeInteractiveLogonRight",
		"サービスとしてﾛｸﾞｵﾝ":                                                "SeServiceLogonRight",
		"\u200eLog on as a service\u200e":                             "SeServiceLogonRight",
		"Hizmet olarak oturum aç":                                     "SeServiceLogonRight",
		"Allow log on through Remote Desktop Services":                "SeRemoteInteractiveLogonRight",
		"Deny log on through Terminal Services":                       "SeDenyRemoteInteractiveLogonRight",
		"Interdire l’ouverture de session en tant que service\u00a0:": "SeDenyServiceLogonRight",
	} {
		if got, ok := gpreport.LookupRight(display); !ok || got != want {
			t.Errorf("LookupRight(%q) = %q, %v; want %q", display, got, ok, want)
		}
	}
	for _, display := range []string{"", " ", "Log on", "Log on as a service account"} {
		if got, ok := gpreport.LookupRight(display); ok {
			t.Errorf("LookupRight(%q) = %q", display, got)
		}
	}
}
