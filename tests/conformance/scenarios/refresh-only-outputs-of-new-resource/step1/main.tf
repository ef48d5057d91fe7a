resource "terraform_data" "k" {}
