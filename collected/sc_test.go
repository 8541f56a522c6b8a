package collected_test

import (
	"slices"
	"testing"

	"github.com/gpevtx/gpevtx/collected"
)

const qc = `[SC] QueryServiceConfig SUCCESS

SERVICE_NAME: ADSync
        TYPE               : 10  WIN32_OWN_PROCESS 
        START_TYPE         : 2   AUTO_START  (DELAYED)
        ERROR_CONTROL      : 1   NORMAL
        BINARY_PATH_NAME   : "C:\Program Files\Microsoft Azure AD Sync\Bin\miiserver.exe"
        LOAD_ORDER_GROUP   : 
        TAG                : 0
        DISPLAY_NAME       : Microsoft Azure AD Sync
        DEPENDENCIES       : RPCSS
                           : winmgmt
        SERVICE_START_NAME : NT SERVICE\ADSync
`

func TestSCQueryConfig(t *testing.T) {
	for name, data := range map[string][]byte{"narrow": []byte(qc), "wide": wide(qc)} {
		t.Run(name, func(t *testing.T) {
			f := parse(t, data, collected.Config{})
			if f.Kind != collected.SCText || len(f.Services) != 1 || len(f.Warnings) > 0 {
				t.Fatalf("got %+v", f)
			}
			s := f.Services[0]
			if s.Account.Text != `NT SERVICE\ADSync` || s.Account.At.Line != 13 || s.Start != collected.DelayedAuto ||
				s.StartAt.At.Line != 5 || s.DisplayName.Text != "Microsoft Azure AD Sync" || s.State != "" || s.Managed.Known() ||
				!slices.Equal(s.Dependencies, []string{"RPCSS", "winmgmt"}) {
				t.Errorf("got %+v", s)
			}
		})
	}
}

func TestSCRecords(t *testing.T) {
	tests := []struct {
		name, text string
		want       collected.Service // what is compared: texts, start, state
	}{
		{
			"query in Italian",
			"\nNOME_SERVIZIO: ADSync\nNOME_VISUALIZZATO: Microsoft Azure AD Sync\n        TIPO                   : 10  WIN32_OWN_PROCESS\n        STATO                  : 1  STOPPED\n",
			service("ADSync", "", "", collected.Stopped),
		},
		{
			"configuration in Spanish, by the places of its lines",
			"[SC] QueryServiceConfig CORRECTO\n\nNOMBRE_SERVICIO: ADSync\n        TIPO               : 10  WIN32_OWN_PROCESS\n        TIPO_INICIO        : 4   DISABLED\n        CONTROL_ERROR      : 1   NORMAL\n        NOMBRE_RUTA_BINARIO: C:\\x.exe\n        GRUPO_ORDEN_CARGA  : \n        ETIQUETA           : 0\n        NOMBRE_MOSTRAR     : Sync\n        DEPENDENCIAS       : \n        NOMBRE_INICIO_SERVICIO: .\\AAD_0123\n",
			service("ADSync", `.\AAD_0123`, collected.Disabled, ""),
		},
		{
			"queryex with a process", "SERVICE_NAME: ADSync\nDISPLAY_NAME: Microsoft Azure AD Sync\n        TYPE               : 10  WIN32_OWN_PROCESS  \n        STATE              : 4  RUNNING \n                                (STOPPABLE, NOT_PAUSABLE, ACCEPTS_SHUTDOWN)\n        WIN32_EXIT_CODE    : 0  (0x0)\n        PID                : 4711\n",
			service("ADSync", "", "", collected.Running),
		},
		{
			"without indentation", "SERVICE_NAME: ADSync\nTYPE : 10 WIN32_OWN_PROCESS\nSTART_TYPE : 4 DISABLED\nSERVICE_START_NAME : CONTOSO\\gmsa$\n",
			service("ADSync", `CONTOSO\gmsa$`, collected.Disabled, ""),
		},
		{
			"a driver without account", "SERVICE_NAME: ADSync\n        TYPE : 1 KERNEL_DRIVER\n        START_TYPE : 3 DEMAND_START\n        SERVICE_START_NAME : \n",
			service("ADSync", "", collected.DemandStart, ""),
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f := parse(t, []byte(tt.text), collected.Config{})
			if len(f.Services) != 1 {
				t.Fatalf("got %+v", f.Services)
			}
			s := f.Services[0]
			if s.Name.Text != tt.want.Name.Text || s.Account.Text != tt.want.Account.Text || s.Start != tt.want.Start || s.State != tt.want.State {
				t.Errorf("got %+v", s)
			}
		})
	}
}

func service(name, account string, start collected.StartType, state collected.State) collected.Service {
	return collected.Service{
		Name: collected.Value{Text: name}, Account: collected.Value{Text: account}, Start: start, State: state,
	}
}

func TestSCManagedAccount(t *testing.T) {
	f := parse(t, []byte("C:\\>sc qmanagedaccount ADSync\n[SC] QueryServiceConfig2 SUCCESS\n\nSERVICE_NAME: ADSync\n        ACCOUNT MANAGED : FALSE\n"), collected.Config{})
	if len(f.Services) != 1 || f.Services[0].Managed.Text != "false" {
		t.Errorf("got %+v", f.Services)
	}
	// Other flags are not the mark of a managed account.
	f = parse(t, []byte("SERVICE_NAME: ADSync\n        FAILURE_ACTIONS_ON_NONCRASH_FAILURES: FALSE\n"), collected.Config{})
	if len(f.Services) != 1 || f.Services[0].Managed.Known() {
		t.Errorf("got %+v", f.Services)
	}
}

func TestSCSeveralServices(t *testing.T) {
	text := "SERVICE_NAME: Spooler\n        TYPE : 10  WIN32_OWN_PROCESS\n        STATE : 4  RUNNING\n\n" + qc +
		"\nSERVICE_NAME: ADSync\n        TYPE : 10  WIN32_OWN_PROCESS\n        STATE : 1  STOPPED\n"
	f := parse(t, []byte(text), collected.Config{})
	if len(f.Services) != 2 || f.Services[0].Account.Text == "" || f.Services[1].State != collected.Stopped {
		t.Errorf("got %+v", f.Services)
	}
	f = parse(t, []byte(text), collected.Config{Services: []string{"spooler"}})
	if len(f.Services) != 1 || f.Services[0].State != collected.Running {
		t.Errorf("got %+v", f.Services)
	}
}

func TestSCErrors(t *testing.T) {
	tests := []struct {
		text    string
		missing bool
		problem collected.Problem
	}{
		{"C:\\Users\\x>sc.exe qc ADSync\n[SC] OpenService FAILED 1060:\n\nThe specified service does not exist as an installed service.\n", true, ""},
		{"[SC] EnumQueryServicesStatus:OpenService FAILED 1060:\n\nThe specified service does not exist.\n", false, collected.NoService},
		{"[SC] OpenService FEHLER 5:\n\nZugriff verweigert\n", false, collected.AccessDenied},
		{"[SC] OpenService échec(s) 5 :\n\nAccès refusé.\n", false, collected.AccessDenied},
		{"[SC] OpenSCManager FAILED 1722:\n\nThe RPC server is unavailable.\n", false, collected.OtherProblem},
		// The command stands far above, so that the error may be another one's.
		{"sc qc ADSync\na\nb\nc\nd\ne\nf\n[SC] OpenService FAILED 1060:\n", false, collected.NoService},
	}
	for _, tt := range tests {
		f := parse(t, []byte(tt.text), collected.Config{})
		switch {
		case tt.missing && (len(f.Services) != 1 || !f.Services[0].Missing.Known() || len(f.Notes) > 0):
			t.Errorf("%q: got %+v, %+v", tt.text, f.Services, f.Notes)
		case !tt.missing && (len(f.Services) > 0 || len(f.Notes) != 1 || f.Notes[0].Problem != tt.problem || f.Notes[0].Tool != "sc"):
			t.Errorf("%q: got %+v, %+v", tt.text, f.Services, f.Notes)
		}
	}
}

func TestSCOfAnotherComputerIsNotUsed(t *testing.T) {
	f := parse(t, []byte("C:\\>sc \\\\DC01 qc ADSync\n"+qc+"\nC:\\>sc query ADSync\n\nSERVICE_NAME: ADSync\n        TYPE : 10  WIN32_OWN_PROCESS\n        STATE : 1  STOPPED\n"), collected.Config{})
	if len(f.Services) != 1 || f.Services[0].State != collected.Stopped || len(f.Warnings) != 1 || f.Warnings[0].Code != collected.SeveralHosts {
		t.Errorf("got %+v, %+v", f.Services, f.Warnings)
	}
}
