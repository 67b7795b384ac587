//! A small file in the format MMDB, written for tests: it knows the addresses that begin with 8.

/// What a file holds.
enum Data {
    Text(&'static str),
    Double(f64),
    Map(Vec<(&'static str, Data)>),
    List(Vec<Data>),
    U16(u16),
    U32(u32),
    U64(u64),
}

/// A file that says this of them.
pub(super) fn of(code: &'static str, country: &'static str, city: Option<&'static str>) -> Vec<u8> {
    let named = |name| Data::Map(vec![("en", Data::Text(name))]);
    let mut record = vec![(
        "country",
        Data::Map(vec![("iso_code", Data::Text(code)), ("names", named(country))]),
    )];
    if let Some(city) = city {
        record.extend([
            ("city", Data::Map(vec![("names", named(city))])),
            ("subdivisions", Data::List(vec![Data::Map(vec![("names", named("Region"))])])),
            ("postal", Data::Map(vec![("code", Data::Text("6011"))])),
            (
                "location",
                Data::Map(vec![
                    ("latitude", Data::Double(-41.25)),
                    ("longitude", Data::Double(174.5)),
                ]),
            ),
        ]);
    }
    file(&Data::Map(record))
}

/// The tree has a node for each bit of 8, which leads on, or nowhere.
fn file(record: &Data) -> Vec<u8> {
    const NODES: u32 = 8;
    const SEPARATOR: u32 = 16;
    let mut file = Vec::new();
    for bit in 0..NODES {
        let next = if bit + 1 == NODES { NODES + SEPARATOR } else { bit + 1 };
        let is_one = (8 >> (NODES - 1 - bit)) & 1 == 1;
        let pair = if is_one { [NODES, next] } else { [next, NODES] };
        pair.iter().for_each(|node| file.extend(&node.to_be_bytes()[1..]));
    }
    file.extend([0; SEPARATOR as usize]);
    write(record, &mut file);
    file.extend(b"\xab\xcd\xefMaxMind.com");
    let about = Data::Map(vec![
        ("binary_format_major_version", Data::U16(2)),
        ("binary_format_minor_version", Data::U16(0)),
        ("build_epoch", Data::U64(1_767_607_200)),
        ("database_type", Data::Text("Test-City")),
        ("description", Data::Map(vec![("en", Data::Text("For tests"))])),
        ("ip_version", Data::U16(4)),
        ("languages", Data::List(vec![Data::Text("en")])),
        ("node_count", Data::U32(NODES)),
        ("record_size", Data::U16(24)),
    ]);
    write(&about, &mut file);
    file
}

fn write(data: &Data, to: &mut Vec<u8>) {
    match data {
        Data::Text(text) => {
            head(2, text.len(), to);
            to.extend(text.as_bytes());
        }
        Data::Double(double) => {
            head(3, 8, to);
            to.extend(double.to_be_bytes());
        }
        Data::U16(number) => {
            head(5, 2, to);
            to.extend(number.to_be_bytes());
        }
        Data::U32(number) => {
            head(6, 4, to);
            to.extend(number.to_be_bytes());
        }
        Data::Map(pairs) => {
            head(7, pairs.len(), to);
            for (key, value) in pairs {
                write(&Data::Text(key), to);
                write(value, to);
            }
        }
        Data::U64(number) => {
            head(9, 8, to);
            to.extend(number.to_be_bytes());
        }
        Data::List(list) => {
            head(11, list.len(), to);
            list.iter().for_each(|one| write(one, to));
        }
    }
}

/// Kinds above 7 stand in a byte of their own. Nothing here has more than 28 parts.
fn head(kind: u8, size: usize, to: &mut Vec<u8>) {
    let size = u8::try_from(size).unwrap();
    assert!(size < 29);
    if kind > 7 { to.extend([size, kind - 7]) } else { to.push((kind << 5) | size) }
}
