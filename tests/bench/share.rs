//! The share of a processor that Lambda gives a function of 128 MB: 7.2 % of one
//! (<https://docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html>: 1,769 MB are one). During its start a function has
//! more.

use std::path::PathBuf;
use std::process::{Command, Stdio};

/// What it may use of each period, in microseconds.
const QUOTA: u32 = 1_447;
const PERIOD: u32 = 20_000;

/// A control group with that share, if one may be made here; it ends when this is dropped.
pub(crate) struct Share {
    folder: PathBuf,
}

impl Share {
    /// With the first or the second version of control groups.
    pub(crate) fn new() -> Option<Self> {
        let name = format!("deskbell-bench-{}", std::process::id());
        let first = [("cpu.cfs_period_us", PERIOD.to_string()), ("cpu.cfs_quota_us", QUOTA.to_string())];
        let second = [("cpu.max", format!("{QUOTA} {PERIOD}"))];
        Self::at(format!("/sys/fs/cgroup/cpu/{name}"), &first)
            .or_else(|| Self::at(format!("/sys/fs/cgroup/{name}"), &second))
    }

    fn at(folder: String, settings: &[(&str, String)]) -> Option<Self> {
        std::fs::create_dir(&folder).ok()?;
        let share = Self { folder: folder.into() };
        let set = settings.iter().all(|(name, value)| std::fs::write(share.folder.join(name), value).is_ok());
        set.then_some(share)
    }

    /// Holds a process to it, and to one processor: what the quota of a period has given out to one is out of reach for who
    /// is moved to another, and would wait for the next.
    pub(crate) fn hold(&self, process: u32) {
        let process_id = process.to_string();
        let pinned = Command::new("taskset").args(["-acp", "0", &process_id]).stdout(Stdio::null()).status();
        assert!(pinned.is_ok_and(|pinned| pinned.success()), "taskset (of util-linux) is needed");
        std::fs::write(self.folder.join("cgroup.procs"), process.to_string()).expect("a control group");
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir(&self.folder);
    }
}
