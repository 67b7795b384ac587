//! TLS to PostgreSQL, as `sslmode` asks for it.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::support::certificates::Certificates;
use crate::support::postgres::{self, Cluster};
use kith::clock::Clock;
use kith::config::Config;
use kith::storage::{Postgres, StorageError};

/// A cluster that speaks TLS.
fn cluster(certificates: &Certificates) -> Cluster {
    let cluster = Cluster::start();
    let data = cluster.folder().join("data");
    for name in ["server.crt", "server.key"] {
        // Written over a file of the owner's, so that it stays theirs.
        let to = data.join(name);
        let mut install = Command::new("install");
        install.args(["-m", "600", "-o"]).arg(owner(&data)).arg(certificates.path(name)).arg(to);
        assert!(install.status().unwrap().success());
    }
    postgres::ask(&cluster.url("postgres"), "ALTER SYSTEM SET ssl = on").unwrap();
    cluster.restart_immediately();
    cluster
}

fn owner(path: &Path) -> String {
    let output = Command::new("stat").args(["-c", "%U"]).arg(path).output().unwrap();
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

#[test]
fn a_connection_is_as_sure_as_sslmode_says() {
    let certificates = Certificates::make();
    let cluster = cluster(&certificates);
    let url = cluster.create_database();
    let named = url.replace("127.0.0.1", "localhost");
    let root = certificates.path("root.pem").display().to_string();
    let config = Config::for_testing(certificates.folder().to_owned()).storage;
    let opens = |url: &str, query: &str| -> Result<(), StorageError> {
        let url = format!("{url}?{query}");
        Postgres::open(&url, &config, &Clock::system(), [7; 32]).map(|_| ())
    };
    opens(&url, "sslmode=require").unwrap();
    opens(&url, &format!("sslmode=verify-ca&sslrootcert={root}")).unwrap();
    opens(&named, &format!("sslmode=verify-full&sslrootcert={root}")).unwrap();
    opens(&url, "sslmode=disable").unwrap();
    // The certificate is not for this address, and its authority is nobody's the system knows.
    let other = opens(&url, &format!("sslmode=verify-full&sslrootcert={root}"));
    let other = other.unwrap_err().to_string();
    assert!(other.contains("not valid for name"), "{other}");
    let unknown = opens(&named, "sslmode=verify-full").unwrap_err().to_string();
    assert!(unknown.contains("UnknownIssuer"), "{unknown}");
    let used = "SELECT count(*) FROM pg_stat_ssl WHERE ssl";
    assert_eq!(postgres::rows(&url, used), [["0"]], "this one did not ask for it");
}

#[test]
fn a_server_without_tls_is_refused_where_tls_is_required() {
    let url = postgres::shared().create_database();
    let config = Config::for_testing(PathBuf::new()).storage;
    let open = |query: &str| {
        let url = format!("{url}?{query}");
        Postgres::open(&url, &config, &Clock::system(), [7; 32])
    };
    assert!(open("sslmode=prefer").is_ok());
    assert!(open("sslmode=require").is_err());
}
