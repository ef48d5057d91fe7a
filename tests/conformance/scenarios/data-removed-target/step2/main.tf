resource "terraform_data" "r" {
  input = 1
}
data "terraform_remote_state" "t" {
  for_each = toset(["a"])
  backend = "local"
  config  = { path = "x.tfstate" }
}
