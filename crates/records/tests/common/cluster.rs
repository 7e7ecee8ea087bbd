//! A PostgreSQL server of the tests' own, in a folder that goes with it.
#![allow(unreachable_pub, reason = "part of several test programs")]
#![allow(dead_code, reason = "each uses its part")]
#![allow(clippy::disallowed_methods, clippy::unwrap_used, reason = "real programs in real time")]

use std::cell::{Cell, RefCell};
use std::os::unix::fs::{PermissionsExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use records::Place;
use rustix::process::{Pid, Signal, kill_process};

/// How long a server may take to begin or to end.
const PATIENCE: Duration = Duration::from_secs(60);
const LOOK: Duration = Duration::from_millis(50);
/// The user who owns the server's files if the tests are run by root, whom `initdb` refuses.
const USER: &str = "postgres";

pub struct Cluster {
    folder: tempfile::TempDir,
    programs: PathBuf,
    server: RefCell<Option<Child>>,
    databases: Cell<u32>,
    /// The port for those who come by TLS; without, the server is reached by a file only.
    tls: Option<u16>,
}

impl Cluster {
    /// Makes a server and starts it.
    pub fn start() -> Cluster {
        let cluster = Cluster::make(None);
        cluster.resume();
        cluster
    }

    /// Makes a server with this certificate and its key (PEM), which lets nobody in from the network without
    /// TLS, and starts it.
    pub fn start_with_tls(certificate: &str, key: &str) -> Cluster {
        let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let cluster = Cluster::make(Some(free));
        let who = "local all all trust\nhostssl all all 127.0.0.1/32 trust\n";
        std::fs::write(cluster.data().join("pg_hba.conf"), who).unwrap();
        for (name, text) in [("server.crt", certificate), ("server.key", key)] {
            let file = cluster.data().join(name);
            std::fs::write(&file, text).unwrap();
            std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o600)).unwrap();
            if let Some((user, group)) = owner() {
                chown(&file, Some(user), Some(group)).unwrap();
            }
        }
        cluster.resume();
        cluster
    }

    fn make(tls: Option<u16>) -> Cluster {
        let folder = tempfile::tempdir().unwrap();
        if let Some((user, group)) = owner() {
            chown(folder.path(), Some(user), Some(group)).unwrap();
        }
        let cluster = Cluster {
            folder,
            programs: programs(),
            server: RefCell::new(None),
            databases: Cell::new(0),
            tls,
        };
        let data = cluster.data();
        let made = cluster
            .program("initdb")
            .args(["--username=line122", "--auth=trust", "--no-sync", "--encoding=UTF8", "-D"])
            .arg(&data)
            .output()
            .unwrap();
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        cluster
    }

    /// An empty database of its own, and a data folder.
    pub fn place(&self, folder: &Path) -> Place {
        self.place_and_url(folder).0
    }

    /// The same, with the database as the settings name it.
    pub fn place_and_url(&self, folder: &Path) -> (Place, String) {
        let name = self.empty_database();
        let host = self.folder.path().to_str().unwrap().replace('/', "%2F");
        let port = self.port();
        let url = format!("postgres://line122@{host}:{port}/{name}");
        (Place { folder: folder.to_owned(), database: url.parse().unwrap() }, url)
    }

    /// The name of an empty database.
    pub fn empty_database(&self) -> String {
        let number = self.databases.get() + 1;
        self.databases.set(number);
        let name = format!("story{number}");
        let made = self.program("createdb").args(self.reached_by()).arg(&name).output().unwrap();
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        name
    }

    /// The port of the server, which is part of its file's name, too.
    pub fn port(&self) -> u16 {
        self.tls.unwrap_or(5432)
    }

    /// Starts the server and waits until it answers.
    pub fn resume(&self) {
        let mut options =
            vec![format!("--unix_socket_directories={}", self.folder.path().display())];
        options.extend(["--max_connections=20".into(), format!("--port={}", self.port())]);
        options.push(match self.tls {
            Some(_) => "--listen_addresses=127.0.0.1".into(),
            None => "--listen_addresses=".into(),
        });
        if self.tls.is_some() {
            options.push("--ssl=on".into());
        }
        let log = std::fs::File::create(self.folder.path().join("log")).unwrap();
        let server = self
            .program("postgres")
            .arg("-D")
            .arg(self.data())
            .args(options)
            .stdout(Stdio::null())
            .stderr(log)
            .spawn()
            .unwrap();
        *self.server.borrow_mut() = Some(server);
        self.wait("answers", || {
            self.program("pg_isready").args(self.reached_by()).output().unwrap().status.success()
        });
    }

    /// Ends the server as a power cut would: connections are cut, nothing is tidied up.
    pub fn cut(&self) {
        let Some(mut server) = self.server.borrow_mut().take() else { return };
        let pid = Pid::from_child(&server);
        kill_process(pid, Signal::QUIT).unwrap();
        server.wait().unwrap();
    }

    fn wait(&self, what: &str, is_so: impl Fn() -> bool) {
        let looks = PATIENCE.as_millis() / LOOK.as_millis();
        for _ in 0..looks {
            if is_so() {
                return;
            }
            std::thread::sleep(LOOK);
        }
        let log = std::fs::read_to_string(self.folder.path().join("log")).unwrap_or_default();
        panic!("the server never {what}: {log}");
    }

    fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    fn reached_by(&self) -> [String; 3] {
        let host = format!("--host={}", self.folder.path().display());
        [host, format!("--port={}", self.port()), "--username=line122".into()]
    }

    /// A program of PostgreSQL, run by who owns the server.
    fn program(&self, name: &str) -> Command {
        let mut command = Command::new(self.programs.join(name));
        command.current_dir(self.folder.path());
        if let Some((user, group)) = owner() {
            command.uid(user).gid(group);
        }
        command
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        self.cut();
    }
}

/// Where Debian keeps the programs of the newest version, or the search path.
fn programs() -> PathBuf {
    let versions = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let number = |path: &Path| path.file_name()?.to_str()?.parse::<u32>().ok();
    let newest = versions.map(|entry| entry.path()).max_by_key(|path| number(path));
    let path = std::env::var_os("PATH").unwrap_or_default();
    let places =
        newest.map(|newest| newest.join("bin")).into_iter().chain(std::env::split_paths(&path));
    places
        .into_iter()
        .find(|place| place.join("initdb").exists())
        .expect("PostgreSQL is needed: `apt install postgresql`, or let `cargo xtask test` do it")
}

/// User and group of the server's files; none if the tests are not run by root.
fn owner() -> Option<(u32, u32)> {
    if !rustix::process::geteuid().is_root() {
        return None;
    }
    let users = std::fs::read_to_string("/etc/passwd").unwrap();
    let line = users.lines().find(|line| line.starts_with(&format!("{USER}:")));
    let fields: Vec<&str> = line.expect("the package postgresql has its user").split(':').collect();
    Some((fields[2].parse().unwrap(), fields[3].parse().unwrap()))
}
