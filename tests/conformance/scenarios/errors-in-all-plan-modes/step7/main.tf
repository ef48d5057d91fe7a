resource "terraform_data" "a" {}
provider "terraform" { bogus = 1 }
