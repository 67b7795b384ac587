//! What history says of everybody, in a file: read a piece at a time, person by person.

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::sync::Arc;

use super::seeds::{Asked, Known, sighting};
use crate::app::App;
use crate::audiences::{Leaf, event_key};
use crate::lake::ask::{SeedLine, SeedsOfAll};
use crate::lake::{LakeError, ScratchFile, Sight};
use crate::model::{ProfileId, Tallies, Time};
use crate::storage::Warmth;

/// How much is read at a time; where one person alone has more, that person's.
#[derive(Clone, Copy, Debug)]
pub struct Portions {
    /// So many events are put into a file. Sorting them finds room in the scratch folder as the settings have it (4 GiB).
    pub of_file: u64,
    /// So many are read of a file at a time, each for every tally that counts it.
    pub of_piece: usize,
}

impl Default for Portions {
    fn default() -> Self {
        Self { of_file: 4_000_000, of_piece: 100_000 }
    }
}

/// See the module.
pub(super) struct Gathered {
    leaves: Vec<Leaf>,
    /// Which of an event's [`SeedLine::worths`] each of them counts; none where it counts events.
    worths: Vec<Option<usize>>,
    /// The pass that it was asked for: of which keys, and when it began.
    of: (Vec<String>, i64),
    lines: Lines,
    portions: Portions,
    /// The last id that the file is about; none where nobody comes later.
    pub(super) upto: Option<String>,
    /// History as it was read; see [`crate::storage::LakeView::edition`].
    pub(super) edition: i64,
    /// On the disk until this is dropped.
    _file: ScratchFile,
}

/// What history says of some people.
pub(super) struct Piece {
    /// Of whom, each by the id that lived when history was read, and under the ids that it came under.
    pub(super) people: Known,
    /// The last of them; none at the end.
    pub(super) last: Option<String>,
}

impl Gathered {
    /// What history says of those whom the pass has not come to, as far as it was received by then; none where nothing of
    /// it is asked.
    pub(super) async fn of(
        app: &Arc<App>,
        leaves: &[Leaf],
        (warmth, received_to): (&Warmth, Time),
        portions: Portions,
    ) -> Result<Option<Self>, LakeError> {
        let Asked { leaves, asked } = Asked::of(leaves);
        if leaves.is_empty() {
            return Ok(None);
        }
        let file = app.lake.scratch_file("jsonl.zst");
        let (after, to) = (warmth.after.clone(), file.path().to_owned());
        let (events_max, worths) = (portions.of_file, SeedsOfAll::worths(&asked));
        let question = SeedsOfAll { leaves: asked, after, events_max, received_to, to };
        let written = app.questions.ask(&question, Sight::Everything).await?;
        let leaves = leaves.into_iter().cloned().collect();
        let lines = Lines::open(file.path())?;
        let (upto, edition) = (written.upto, written.edition);
        let of = (warmth.warming.clone(), warmth.began);
        Ok(Some(Self { leaves, worths, of, lines, portions, upto, edition, _file: file }))
    }

    /// Whether it was asked for this pass: another node may have begun one of the same keys meanwhile.
    pub(super) fn is_of(&self, warmth: &Warmth) -> bool {
        let (keys, began) = &self.of;
        *keys == warmth.warming && *began == warmth.began
    }

    /// The next piece of it.
    pub(super) fn next(&mut self) -> Result<Piece, LakeError> {
        let Self { leaves, worths, lines, .. } = self;
        let mut people = Known::new();
        let last = lines.next_people(self.portions.of_piece, |line| {
            let theirs = of_line(&mut people, &line);
            count(theirs, &line, leaves, worths);
        })?;
        Ok(Piece { people, last })
    }
}

/// Where the event of a line is counted.
fn of_line<'a>(people: &'a mut Known, line: &SeedLine) -> &'a mut Tallies {
    let theirs = people.entry(ProfileId::new(line.owner.as_str())).or_default();
    theirs.entry(ProfileId::new(line.under.as_ref().unwrap_or(&line.owner).as_str())).or_default()
}

/// Counts an event for whatever it is for: tallies are sets, and keep what they need whatever comes when.
fn count(tallies: &mut Tallies, line: &SeedLine, leaves: &[Leaf], worths: &[Option<usize>]) {
    let id = (line.source_id.as_str(), line.id.as_str());
    let at = Time::from_micros(line.time);
    let received = (at, Time::from_micros(line.received_at), line.position);
    let event = event_key(&line.kind, id, received);
    for number in &line.leaves {
        let Some((leaf, of)) = leaves.get(*number).zip(worths.get(*number)) else { continue };
        let worth = line.worths.iter().find(|worth| Some(worth.of) == *of);
        let told = worth.map(|worth| (worth.digits.as_deref(), worth.text.as_deref()));
        if let Some(sighting) = sighting(leaf, (at, event), told.unwrap_or_default()) {
            tallies.add(leaf.key, sighting);
        }
    }
}

/// The lines of such a file.
struct Lines {
    file: BufReader<zstd::Decoder<'static, BufReader<File>>>,
    line: String,
    /// The first one of whoever comes next.
    ahead: Option<SeedLine>,
}

impl Lines {
    fn open(path: &Path) -> Result<Self, LakeError> {
        let file = File::open(path).and_then(zstd::Decoder::new).map_err(LakeError::disk)?;
        Ok(Self { file: BufReader::new(file), line: String::new(), ahead: None })
    }

    /// Shows all lines of the next people, until they counted so much. The last of these people; none at the end.
    fn next_people(
        &mut self,
        many: usize,
        mut show: impl FnMut(SeedLine),
    ) -> Result<Option<String>, LakeError> {
        let (mut seen, mut last) = (0, None::<String>);
        while let Some(line) = self.next()? {
            if last.as_ref() != Some(&line.owner) {
                if seen >= many {
                    self.ahead = Some(line);
                    break;
                }
                last = Some(line.owner.clone());
            }
            seen += line.leaves.len().max(1);
            show(line);
        }
        Ok(last)
    }

    fn next(&mut self) -> Result<Option<SeedLine>, LakeError> {
        if let Some(line) = self.ahead.take() {
            return Ok(Some(line));
        }
        self.line.clear();
        if self.file.read_line(&mut self.line).map_err(LakeError::disk)? == 0 {
            return Ok(None);
        }
        let read = serde_json::from_str(&self.line);
        read.map(Some).map_err(|error| LakeError::Defect(error.to_string()))
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;

    fn written(owners: &[&str]) -> tempfile::NamedTempFile {
        let file = tempfile::NamedTempFile::new().unwrap();
        let mut to = zstd::Encoder::new(file.reopen().unwrap(), 0).unwrap();
        for (number, owner) in owners.iter().enumerate() {
            let line = serde_json::json!({"owner": owner, "source_id": "s", "id": number.to_string(), "kind": "k",
                "time": 1, "received_at": 1, "position": 0, "leaves": [0, 1], "worths": []});
            writeln!(to, "{line}").unwrap();
        }
        to.finish().unwrap();
        file
    }

    #[test]
    fn what_is_of_one_is_kept_under_the_ids_that_it_came_under() {
        let line = |owner: &str, under: Option<&str>| {
            let line = serde_json::json!({"owner": owner, "under": under, "source_id": "s", "id": "e", "kind": "k",
                "time": 1, "received_at": 1, "leaves": [], "worths": []});
            serde_json::from_value::<SeedLine>(line).unwrap()
        };
        let mut people = Known::new();
        for (owner, under) in [("a", None), ("a", Some("b")), ("a", Some("b")), ("c", None)] {
            of_line(&mut people, &line(owner, under));
        }
        let ids = |owner: &str| -> Vec<&str> {
            people[&ProfileId::new(owner)].keys().map(|id| id.as_str()).collect()
        };
        assert_eq!((ids("a"), ids("c")), (vec!["a", "b"], vec!["c"]));
    }

    #[test]
    fn a_piece_has_whole_people_and_the_next_one_goes_on_where_it_ends() {
        let file = written(&["a", "a", "b", "c", "c", "c"]);
        let mut lines = Lines::open(file.path()).unwrap();
        let mut pieces = Vec::new();
        loop {
            let mut piece = Vec::new();
            let show = |line: SeedLine| piece.push(format!("{} {}", line.owner, line.id));
            let Some(last) = lines.next_people(1, show).unwrap() else { break };
            pieces.push((last, piece));
        }
        let expected =
            [("a", vec!["a 0", "a 1"]), ("b", vec!["b 2"]), ("c", vec!["c 3", "c 4", "c 5"])];
        let expected = expected.map(|(last, piece)| {
            (last.to_owned(), piece.into_iter().map(str::to_owned).collect::<Vec<_>>())
        });
        assert_eq!(pieces, expected);
        let mut lines = Lines::open(file.path()).unwrap();
        assert_eq!(lines.next_people(5, |_| {}).unwrap().as_deref(), Some("b"));
        assert_eq!(lines.next_people(100, |_| {}).unwrap().as_deref(), Some("c"));
    }
}
