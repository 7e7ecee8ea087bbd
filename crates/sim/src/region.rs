//! The region that the world plays in: a dialplan of this repository and short stand-ins for its
//! prompts, so that minutes of speech do not stretch each test.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use dialplan::{Dialplan, Network, Phone, PromptName};
use media::Library;

use crate::world::LINE;

/// The phone of all clinics that are rung at an address.
const CLINIC: &str = "sip:registry@127.0.0.1:5091";
/// Where the phones of a world are, and the gateways that call by another trunk: see
/// [`World::gateway_calls`](crate::World::gateway_calls).
const NETWORKS: [&str; 2] = ["127.0.0.0/8", "127.249.0.0/16"];

/// The frequency of the stand-in for one prompt, in hertz: each has its own, so that a test knows by
/// ear what is played.
#[must_use]
pub fn pitch(prompt: &str) -> f64 {
    let sum = prompt.bytes().fold(0u32, |sum, byte| sum.wrapping_mul(31) + u32::from(byte));
    400.0 + 20.0 * f64::from(sum % 100)
}

/// A tone of this frequency at 8 kHz.
#[must_use]
pub fn tone(hertz: f64, samples: usize) -> Vec<i16> {
    (0..samples)
        .map(|n| {
            let angle = std::f64::consts::TAU * hertz * (n as f64) / 8000.0;
            (8000.0 * angle.sin()) as i16
        })
        .collect()
}

/// The repository's root.
#[must_use]
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// The names in the prompts' manifest.
///
/// # Panics
/// If the manifest cannot be read: the repository is not whole.
#[must_use]
pub fn prompts() -> BTreeSet<PromptName> {
    let path = root().join("prompts/manifest.toml");
    let text = std::fs::read_to_string(&path).expect("prompts/manifest.toml");
    let manifest: toml::Table = text.parse().expect("a TOML manifest");
    let prompts = manifest["prompt"].as_table().expect("[prompt]");
    prompts.keys().map(|name| PromptName::from(name.as_str())).collect()
}

/// The stand-ins: half a second of a tone for each prompt.
#[must_use]
pub fn library(prompts: &BTreeSet<PromptName>) -> Library {
    let mut library = Library::default();
    for prompt in prompts {
        library.add_samples(prompt.as_str(), &tone(pitch(prompt.as_str()), 4000));
    }
    library
}

/// A dialplan of this repository.
///
/// # Panics
/// If it cannot be loaded.
#[must_use]
pub fn dialplan(name: &str, prompts: &BTreeSet<PromptName>) -> Dialplan {
    load(&root().join("dialplans").join(name), prompts)
}

/// The dialplan in a folder.
///
/// # Panics
/// If it cannot be loaded.
#[must_use]
pub fn load(folder: &Path, prompts: &BTreeSet<PromptName>) -> Dialplan {
    match dialplan::load(folder, prompts) {
        Ok((plan, _warnings)) => plan,
        Err(findings) => {
            panic!("{}", findings.iter().map(|f| format!("{f}\n")).collect::<String>())
        }
    }
}

/// A region's dialplan as a world can play it, which has neither the region's networks nor its passwords.
/// Where no trunk reaches the world, the first two do; clinics at other addresses have the phone of the
/// demo's; and whoever registers, with the passwords of the world's phones, is on duty. Of the demo
/// nothing is changed.
///
/// # Panics
/// Never: the networks are written here.
#[must_use]
pub fn played(mut plan: Dialplan) -> Dialplan {
    let reaches = |from: &[Network]| from.iter().any(|net| net.contains(LINE.ip()));
    if !plan.trunks.values().any(|trunk| reaches(&trunk.from)) {
        let trunks = plan.trunks.values_mut().filter(|trunk| !trunk.from.is_empty());
        for (trunk, network) in trunks.zip(NETWORKS) {
            trunk.from = vec![network.parse().expect("a network")];
        }
    }
    for clinic in plan.clinics.values_mut() {
        for phone in &mut clinic.ring {
            if let Phone::At(uri) = phone {
                *uri = CLINIC.into();
            }
        }
        clinic.ring.dedup();
    }
    for agent in plan.agents.values_mut() {
        agent.duty_on_register = true;
    }
    for (user, account) in &mut plan.accounts {
        account.password = format!("demo-{user}").as_str().into();
    }
    plan
}
