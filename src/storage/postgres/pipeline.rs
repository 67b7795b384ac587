//! Many statements on their way at once.
//!
//! Each is sent when it is added, and the answers are waited for at the end.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use tokio_postgres::types::ToSql;
use tokio_postgres::{Client, Error, Row, Statement};

use crate::storage::sql::Value;

/// What a statement gave.
pub(super) enum Answer {
    /// So many rows were changed.
    Changed(u64),
    /// These rows were found.
    Found(Vec<Row>),
}

/// An answer that is waited for.
type Awaited<'a> = Pin<Box<dyn Future<Output = Result<Answer, Error>> + Send + 'a>>;

/// A statement that was sent.
enum Sent<'a> {
    Open(Awaited<'a>),
    Done(Result<Answer, Error>),
}

/// Statements in the order they were sent, each with what `Of` says it is about.
pub(super) struct Pipeline<'a, Of> {
    client: &'a Client,
    sent: Vec<(Of, Sent<'a>)>,
}

impl<'a, Of> Pipeline<'a, Of> {
    pub(super) fn new(client: &'a Client) -> Self {
        Self { client, sent: Vec::new() }
    }

    /// Sends a statement.
    pub(super) fn send<const N: usize>(
        &mut self,
        of: Of,
        statement: &'a Statement,
        values: [Value<'a>; N],
    ) {
        let client = self.client;
        self.start(of, async move {
            let values = values.iter().map(|value| value as &(dyn ToSql + Sync));
            client.execute_raw(statement, values).await.map(Answer::Changed)
        });
    }

    /// Sends a statement over a row or many, a column of each, and waits for rows.
    pub(super) fn all<const N: usize>(
        &mut self,
        of: Of,
        statement: &'a Statement,
        columns: [&'a (dyn ToSql + Sync); N],
    ) {
        let client = self.client;
        self.start(of, async move { client.query(statement, &columns).await.map(Answer::Found) });
    }

    /// The same, and waits for how many rows were changed.
    pub(super) fn change<const N: usize>(
        &mut self,
        of: Of,
        statement: &'a Statement,
        columns: [&'a (dyn ToSql + Sync); N],
    ) {
        let client = self.client;
        self.start(
            of,
            async move { client.execute(statement, &columns).await.map(Answer::Changed) },
        );
    }

    /// Sends a question about many keys.
    pub(super) fn ask(&mut self, of: Of, statement: &'a Statement, keys: Vec<&'a str>) {
        let client = self.client;
        self.start(of, async move { client.query(statement, &[&keys]).await.map(Answer::Found) });
    }

    /// Sends a command without values, such as `BEGIN`.
    pub(super) fn command(&mut self, of: Of, text: &'a str) {
        let client = self.client;
        self.start(
            of,
            async move { client.batch_execute(text).await.map(|()| Answer::Changed(0)) },
        );
    }

    /// The first look at a future is what sends it.
    fn start(&mut self, of: Of, answer: impl Future<Output = Result<Answer, Error>> + Send + 'a) {
        let mut answer: Awaited<'a> = Box::pin(answer);
        let sent = match answer.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(done) => Sent::Done(done),
            Poll::Pending => Sent::Open(answer),
        };
        self.sent.push((of, sent));
    }

    /// Waits for all answers. The first error is the cause; those after it are its consequences.
    pub(super) async fn finish(self) -> Result<Vec<(Of, Answer)>, Error> {
        let (mut answers, mut cause) = (Vec::with_capacity(self.sent.len()), None);
        for (of, sent) in self.sent {
            let answer = match sent {
                Sent::Open(answer) => answer.await,
                Sent::Done(answer) => answer,
            };
            match answer {
                Ok(answer) => answers.push((of, answer)),
                Err(error) => cause = cause.or(Some(error)),
            }
        }
        cause.map_or(Ok(answers), Err)
    }
}
