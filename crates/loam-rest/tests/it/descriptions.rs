//! Descriptions: that all of ours can be read, and what authors are told.

use loam_diag::SourceMap;
use loam_provider::ProviderType;
use loam_rest::RestProviderType;

use crate::world::shown;

fn problems(text: &str) -> String {
    let sources = SourceMap::default();
    match RestProviderType::parse(&sources, "mine.hcl", text) {
        Ok(_) => String::from("none"),
        Err(d) => shown(&sources, &d),
    }
}

#[test]
fn every_embedded_description_can_be_read() {
    for (name, text) in loam_clouds::all() {
        let sources = SourceMap::default();
        let parsed = RestProviderType::parse(&sources, name, text);
        let parsed = parsed.unwrap_or_else(|d| panic!("{}", shown(&sources, &d)));
        assert_eq!(parsed.name(), name);
        for (kind, schema) in &parsed.schema().resources {
            assert!(
                !schema.block.description.is_empty(),
                "{kind} says nothing of itself"
            );
        }
    }
}

#[test]
fn all_problems_are_told_with_their_places() {
    let text = r#"
provider "mine" {
  source   = "example.com/me/mine"
  version  = "1.0.0"
  base_url = "https://example.com"
  heders   = { A = "b" }
  paging "pages" {
    style = "pagse"
    size  = 100
    param = "page"
  }
}

resource "mine_thing" {
  attribute "id" {
    type     = string
    computed = true
  }
  attribute "name" {
    type     = string
    required = true
  }
  attribute "size" {
    type = number
  }
  create {
    request "create" {
      path = "/things"
      body = { name = slef.name }
    }
  }
  read {
    request "read" {
      path = "/things/${self.id}"
    }
  }
}

resource "other_thing" {
  attribute "id" {
    type     = string
    computed = true
  }
  create {
    request "create" {
      path = "/things"
    }
  }
  read {
    request "read" {
      path = "/things/${self.id}"
    }
  }
  delete {
    request "delete" {}
  }
}
"#;
    insta::assert_snapshot!(problems(text));
}

#[test]
fn syntax_errors_have_places() {
    let said = problems("provider \"mine\" {\n  source = \n}\n");
    assert!(said.starts_with("mine.hcl:2,"), "{said}");
}
