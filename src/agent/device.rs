//! Maker and model, which the parser does not tell.
//!
//! Apple's devices are named by their kind, Android's in a comment such as
//! `(Linux; Android 13; SM-G991B Build/…)`.

use super::{AgentDevice, DeviceKind};

/// How model names begin, and who makes them.
const MAKERS: [(&str, &str); 24] = [
    ("SM-", "Samsung"),
    ("GT-", "Samsung"),
    ("SAMSUNG", "Samsung"),
    ("Pixel", "Google"),
    ("Nexus", "Google"),
    ("Redmi", "Xiaomi"),
    ("POCO", "Xiaomi"),
    ("Mi ", "Xiaomi"),
    ("MI ", "Xiaomi"),
    ("M200", "Xiaomi"),
    ("HUAWEI", "Huawei"),
    ("ELE-", "Huawei"),
    ("VOG-", "Huawei"),
    ("ANE-", "Huawei"),
    ("HONOR", "Honor"),
    ("ONEPLUS", "OnePlus"),
    ("CPH", "Oppo"),
    ("RMX", "Realme"),
    ("vivo", "Vivo"),
    ("moto", "Motorola"),
    ("Nokia", "Nokia"),
    ("LM-", "LG"),
    ("XQ-", "Sony"),
    ("Lenovo", "Lenovo"),
];
/// Texts that e-mail programs have.
const MAIL: [&str; 4] = ["Thunderbird/", "Microsoft Outlook", "Outlook-", "MSOffice"];

pub(super) fn read(text: &str, device: AgentDevice) -> AgentDevice {
    let device = AgentDevice { kind: kind(text, device.kind), ..device };
    let apple = [("iPhone", true), ("iPad", true), ("iPod", true), ("Macintosh", false)];
    if let Some((name, touch)) = apple.into_iter().find(|(name, _)| text.contains(name)) {
        let name = if name == "Macintosh" { "Mac" } else { name }.to_owned();
        let brand = Some("Apple".to_owned());
        return AgentDevice { name: Some(name.clone()), model: Some(name), brand, touch, ..device };
    }
    if !text.contains("Android") {
        return device;
    }
    let model = android(text);
    let maker = |model: &String| {
        let known = MAKERS.iter().find(|(start, _)| model.starts_with(start));
        known.map(|(_, maker)| (*maker).to_owned())
    };
    let brand = model.as_ref().and_then(maker);
    AgentDevice { name: model.clone(), model, brand, touch: true, ..device }
}

fn kind(text: &str, parsed: Option<DeviceKind>) -> Option<DeviceKind> {
    let android_tablet = text.contains("Android") && !text.contains("Mobile");
    if MAIL.iter().any(|mail| text.contains(mail)) {
        return Some(DeviceKind::Email);
    }
    if text.contains("iPad") || (android_tablet && parsed == Some(DeviceKind::Mobile)) {
        return Some(DeviceKind::Tablet);
    }
    parsed
}

/// The model: what follows the Android version in the comment. `K` is what Chrome writes instead
/// of it.
fn android(text: &str) -> Option<String> {
    let (_, after) = text.split_once("Android")?;
    let (_, model) = after.split_once(';')?;
    let end = model.find([';', ')']).unwrap_or(model.len());
    let model = model.get(..end)?.split(" Build/").next()?.trim();
    (!model.is_empty() && model != "K" && !model.starts_with("rv:") && model != "Mobile")
        .then(|| model.to_owned())
}
