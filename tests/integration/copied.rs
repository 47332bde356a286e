//! Files that set-up tools copy to a path of Refinery's are checked whatever they contain.

use crate::program::{CONFIG, Folder, RULES};

/// Checks files next to a good deployment: the status and the report.
fn check(files: &[(&str, &str)]) -> (i32, String) {
    let mut all = vec![("z/config.yaml", CONFIG), ("z/rules.yaml", RULES)];
    all.extend(files);
    let ran = Folder::new(&all).run(&["check"]);
    (ran.status, ran.output + &ran.errors)
}

/// The description of a copy, the file that it copies, and the place of the report.
const COPIES: [(&str, &str, &str); 8] = [
    (
        "roles/smp/tasks/main.yml",
        "- copy: {src: smp.conf, dest: /etc/refinery/refinery.yaml}\n",
        "roles/smp/files/smp.conf",
    ),
    (
        "roles/smp/tasks/main.yml",
        "- ansible.builtin.copy:\n    src: smp/c.yaml\n    dest: /etc/refinery/refinery.yaml\n",
        "roles/smp/files/smp/c.yaml",
    ),
    (
        "roles/smp/tasks/main.yml",
        "- template: {src: c.j2, dest: /etc/refinery/refinery.yaml}\n",
        "roles/smp/templates/c.j2",
    ),
    ("play.yml", "- copy: {src: c.yaml, dest: /opt/refinery/config.yaml}\n", "files/c.yaml"),
    ("play.yml", "- copy: {src: conf/, dest: /etc/refinery/}\n", "files/conf/refinery.yaml"),
    (
        "smp.bu",
        "storage:\n  files:\n  - path: /etc/refinery/refinery.yaml\n    contents: {local: c.txt}\n",
        "c.txt",
    ),
    (
        "user-data",
        "#cloud-config\nwrite_files:\n- {path: /etc/refinery/refinery.yaml, source: {uri: c.txt}}\n",
        "c.txt",
    ),
    (
        "ci/deploy.yaml",
        "jobs:\n  a:\n    steps:\n    - uses: x/scp@v1\n      with: {source: conf/c.yaml, target: /etc/refinery/refinery.yaml}\n",
        "conf/c.yaml",
    ),
];

#[test]
fn copied_files_are_checked_whatever_they_contain() {
    for (description, text, file) in COPIES {
        for (content, expected) in [(CONFIG, 0), ("junk\n", 1), ("", 1), ("a: 1\n", 1)] {
            let (status, said) = check(&[(description, text), (file, content)]);
            assert_eq!(status, expected, "{text} {content:?}: {said}");
            assert!(said.contains(file), "{text} {content:?}: {said}");
        }
        let (status, said) = check(&[(description, text)]);
        let is_folder = text.contains("conf/,");
        assert_eq!(status, i32::from(!is_folder), "{text}: {said}");
    }
}

#[test]
fn inline_and_joined_strings_are_checked() {
    for (name, text) in [
        (
            "smp.ign",
            r#"{"storage": {"files": [{"path": "/etc/refinery/refinery.yaml", "contents": {"source": "data:,General%3A%20%5B"}}]}}"#,
        ),
        (
            "smp.ign",
            r#"{"storage": {"files": [{"path": "/etc/refinery/refinery.yaml", "contents": {"source": "data:;base64,anVuaw=="}}]}}"#,
        ),
        (
            "stack.yaml",
            "Resources:\n  I:\n    files:\n      /etc/refinery/refinery.yaml:\n        content: !Join [\"\\n\", [\"General:\", \
             \"  Typo: 1\"]]\n",
        ),
        (
            "stack.yaml",
            "Resources:\n  P:\n    Type: AWS::SSM::Parameter\n    Properties:\n      Name: /refinery/config.yaml\n      \
             Value: junk\n",
        ),
    ] {
        let (status, said) = check(&[(name, text)]);
        assert_eq!(status, 1, "{text}: {said}");
        assert!(said.contains(&format!("[{name}:")), "{text}: {said}");
    }
}

#[test]
fn copies_of_other_files_do_not_block() {
    for (name, text) in [
        ("play.yml", "- copy: {src: gone.yaml, dest: /etc/nginx/config.yaml}\n"),
        ("play.yml", "- copy: {src: gone.service, dest: /etc/refinery/refinery.service}\n"),
        ("play.yml", "- copy: {src: '{{ item }}', dest: /etc/refinery/refinery.yaml}\n"),
        ("play.yml", "- unarchive: {src: 'https://x/refinery.tgz', dest: /opt/refinery}\n"),
        (
            "app.yaml",
            "kind: Application\nspec: {source: {path: apps/refinery, repoURL: 'https://x/y.git'}}\n",
        ),
    ] {
        let (status, said) = check(&[(name, text)]);
        assert_eq!(status, 0, "{text}: {said}");
    }
}

#[test]
fn copies_are_found_in_every_form() {
    for (name, text, file) in [
        ("run.sh", "scp c.txt host:/etc/refinery/refinery.yaml\n", "c.txt"),
        ("play.yml", "- copy: src=c.txt dest=/etc/refinery/refinery.yaml\n", "c.txt"),
        ("play.yml", "- copy: {src: conf/config.yaml, dest: /etc/refinery/}\n", "conf/config.yaml"),
        ("play.yml", "- copy: {src: $DIR/c.yaml, dest: /etc/refinery/config.yaml}\n", "c.yaml"),
        (
            "stack.yaml",
            "Resources: {I: {files: {/etc/refinery/refinery.yaml: {content: {\"Fn::Base64\": junk}}}}}\n",
            "stack.yaml",
        ),
        (
            "stack.yaml",
            "Resources: {I: {files: {/etc/refinery/refinery.yaml: {content: {\"Fn::Sub\": junk}}}}}\n",
            "stack.yaml",
        ),
    ] {
        let files = [(name, text), (file, "junk\n")];
        let files = if file == name { &files[..1] } else { &files[..] };
        let (status, said) = check(files);
        assert_eq!(status, 1, "{text}: {said}");
        assert!(said.contains(&format!("[{file}:")), "{text}: {said}");
    }
}

#[test]
fn what_may_be_a_copy_of_something_else_does_not_block() {
    for (name, text) in [
        // A command may run in any folder, and a variable may name any file.
        ("run.sh", "cp gone.txt /etc/refinery/refinery.yaml\n"),
        ("play.yml", "- copy: {src: $FILE, dest: /etc/refinery/refinery.yaml}\n"),
        // A relative target is not the folder of the machine.
        ("play.yml", "- copy: {src: gone.txt, dest: etc/refinery/config.yaml}\n"),
    ] {
        let (status, said) = check(&[(name, text)]);
        assert_eq!(status, 0, "{text}: {said}");
    }
}

#[test]
fn variants_of_a_copy_are_checked_separately() {
    let play = "- copy: {src: a.yaml, dest: /etc/refinery/config.yaml}\n- copy: {src: b.yaml, dest: \
                /etc/refinery/config.yaml}\n";
    let other = CONFIG.replace("3Gb", "4Gb");
    let (status, said) = check(&[("play.yml", play), ("a.yaml", CONFIG), ("b.yaml", &other)]);
    assert_eq!(status, 0, "{said}");
    assert!(said.contains("checked 3 deployments"), "{said}");
}

#[test]
fn texts_that_a_stack_joins_keep_their_separators() {
    let stack = "Resources: {I: {files: {/etc/refinery/refinery.yaml: {content: {\"Fn::Join\": [\"\\n\", \
                 [\"General:\", \"  ConfigurationVersion: 2\"]]}}}}}\n";
    let (status, said) = check(&[("stack.yaml", stack)]);
    assert_eq!(status, 0, "{said}");
    assert!(said.contains("checked 2 deployments"), "{said}");
}
