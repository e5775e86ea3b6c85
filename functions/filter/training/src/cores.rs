//! Work on two cores at once.

use std::sync::Mutex;

/// Does a list of jobs on two cores; the answers come in the order of the jobs.
pub(crate) fn both_cores<Job: Sync, Answer: Send>(jobs: &[Job], work: impl Fn(&Job) -> Answer + Sync) -> Vec<Answer> {
    let next = Mutex::new(jobs.iter().enumerate());
    let answers = Mutex::new(Vec::new());
    let worker = || {
        loop {
            let job = next.lock().ok().and_then(|mut next| next.next());
            let Some((number, job)) = job else { break };
            let answer = work(job);
            if let Ok(mut answers) = answers.lock() {
                answers.push((number, answer));
            }
        }
    };
    std::thread::scope(|scope| {
        scope.spawn(worker);
        worker();
    });
    let mut answers = answers.into_inner().unwrap_or_default();
    answers.sort_by_key(|(number, _)| *number);
    answers.into_iter().map(|(_, answer)| answer).collect()
}
