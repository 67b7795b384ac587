//! The command line.

mod serve;
mod logging;
mod server;
mod first_start;
mod source;
mod user;
mod key;
mod merge;
mod rebuild;
mod with_app;
mod check;
mod schema;
mod openapi;
mod healthcheck;
mod saying;
mod folder;
mod alone;
mod history;
mod between;
mod sql;
mod export;
mod import;
mod events;
mod backup;
mod privacy;
mod restore;
mod moving;

pub use server::Server;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::config::Flags;
use saying::{all_said, in_line, in_shell, not_said, say, say_wrong};

/// A customer data platform in one binary and one folder.
#[derive(Debug, Parser)]
#[command(name = "kith", version, disable_help_subcommand = true)]
struct Cli {
    /// Folder that holds everything Kith knows [default: ./data].
    #[arg(long, global = true, value_name = "DIR")]
    data_dir: Option<PathBuf>,
    /// Settings file [default: kith.toml in the data folder].
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<PathBuf>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Starts the server.
    Serve {
        /// Address and port [default: 127.0.0.1:8686].
        #[arg(long, value_name = "ADDR")]
        listen: Option<String>,
    },
    /// Event sources: who may send.
    Source {
        #[command(subcommand)]
        command: source::SourceCommand,
    },
    /// Users: who may administer.
    User {
        #[command(subcommand)]
        command: user::UserCommand,
    },
    /// Keys: what programs show instead of signing in.
    Key {
        #[command(subcommand)]
        command: key::KeyCommand,
    },
    /// Mergers: which people became one, and taking that back.
    Merge {
        #[command(subcommand)]
        command: merge::MergeCommand,
    },
    /// Decides anew who is one person, as the rules are now.
    Rebuild {
        #[command(subcommand)]
        command: rebuild::RebuildCommand,
    },
    /// Asks history in SQL.
    Sql(sql::SqlCommand),
    /// Writes history into a file.
    Export(export::ExportCommand),
    /// Reads history from a file.
    Import(import::ImportCommand),
    /// The files of history.
    Events {
        #[command(subcommand)]
        command: events::EventsCommand,
    },
    /// Copies everything at one moment, while the server runs.
    Backup(backup::BackupCommand),
    /// Makes a data folder of a backup.
    Restore(restore::RestoreCommand),
    /// Moves the data folder's database into an empty one that nodes share.
    Move,
    /// Prints the statements that make the tables on PostgreSQL.
    Schema(schema::SchemaCommand),
    /// Prints the OpenAPI document of what the server answers.
    Openapi,
    /// Checks that the data is whole.
    Check,
    /// Asks the server that runs whether it takes payloads.
    Healthcheck {
        /// Where it listens [default: as set].
        #[arg(long, value_name = "ADDR")]
        listen: Option<String>,
    },
    /// Answers a server's questions about history. Started by the server.
    #[command(hide = true)]
    AnswerQuestions,
    /// Calls a server's functions. Started by the server.
    #[command(hide = true)]
    CallFunctions,
    /// Writes a server's files of history. Started by the server.
    #[command(hide = true)]
    WriteFiles,
    /// Loads what history is written with. Started by a server that begins.
    #[command(hide = true)]
    LoadDuckdb,
    /// Prints the version.
    Version,
}

/// Runs the program.
#[must_use]
pub fn run() -> ExitCode {
    let cli = Cli::parse();
    privacy::begin();
    // Of these two, what they print is not what they are for.
    let is_asked = !matches!(cli.command, Command::Serve { .. } | Command::Healthcheck { .. });
    let ended = execute(cli);
    let all_said = if is_asked { all_said() } else { Ok(()) };
    match ended.and_then(|code| all_said.map(|()| code)) {
        Ok(code) => code,
        Err(sentence) => {
            say_wrong(&sentence);
            ExitCode::FAILURE
        }
    }
}

fn execute(cli: Cli) -> Result<ExitCode, String> {
    // Asked for where nothing else works: they need no settings.
    if matches!(cli.command, Command::Version) {
        say(&format!("kith {}", env!("CARGO_PKG_VERSION")));
        return Ok(ExitCode::SUCCESS);
    }
    if matches!(cli.command, Command::AnswerQuestions) {
        return crate::questions::work().map(|()| ExitCode::SUCCESS);
    }
    if matches!(cli.command, Command::CallFunctions) {
        return crate::functions::work().map(|()| ExitCode::SUCCESS);
    }
    if matches!(cli.command, Command::WriteFiles) {
        return crate::lake::write_files().map(|()| ExitCode::SUCCESS);
    }
    if matches!(cli.command, Command::LoadDuckdb) {
        return crate::lake::load_duckdb().map(|()| ExitCode::SUCCESS);
    }
    if matches!(cli.command, Command::Openapi) {
        return openapi::run().map(|()| ExitCode::SUCCESS);
    }
    let listen = if let Command::Serve { listen } | Command::Healthcheck { listen } = &cli.command {
        listen.clone()
    } else {
        None
    };
    let flags = Flags { config: cli.config, data_dir: cli.data_dir, listen };
    let config = crate::config::load(&flags).map_err(|error| error.to_string())?;
    let settings = crate::config::file(&flags);
    match cli.command {
        Command::Serve { .. } => serve::run(&config, settings.as_deref()),
        Command::Source { command } => source::run(&config, command).map(|()| ExitCode::SUCCESS),
        Command::User { command } => user::run(&config, command).map(|()| ExitCode::SUCCESS),
        Command::Key { command } => key::run(&config, command).map(|()| ExitCode::SUCCESS),
        Command::Merge { command } => merge::run(&config, command).map(|()| ExitCode::SUCCESS),
        Command::Rebuild { command } => rebuild::run(&config, &command).map(|()| ExitCode::SUCCESS),
        Command::Sql(command) => sql::run(&config, &command).map(|()| ExitCode::SUCCESS),
        Command::Export(command) => export::run(&config, &command).map(|()| ExitCode::SUCCESS),
        Command::Import(command) => import::run(&config, &command)
            .map(|clean| if clean { ExitCode::SUCCESS } else { ExitCode::FAILURE }),
        Command::Events { command } => events::run(&config, &command).map(|()| ExitCode::SUCCESS),
        Command::Backup(command) => backup::run(&config, &command).map(|()| ExitCode::SUCCESS),
        Command::Restore(command) => restore::run(&config, &command).map(|()| ExitCode::SUCCESS),
        Command::Move => moving::run(&config).map(|()| ExitCode::SUCCESS),
        Command::Schema(command) => {
            schema::run(&command);
            Ok(ExitCode::SUCCESS)
        }
        Command::Check => check::run(&config),
        Command::Healthcheck { .. } => healthcheck::run(&config).map(|()| ExitCode::SUCCESS),
        // Answered above.
        Command::Version
        | Command::Openapi
        | Command::AnswerQuestions
        | Command::CallFunctions
        | Command::WriteFiles
        | Command::LoadDuckdb => Ok(ExitCode::SUCCESS),
    }
}
