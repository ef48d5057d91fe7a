data "terraform_remote_state" "s" {
  backend = "local"
  config  = { path = "x.tfstate" }
}
data "terraform_remote_state" "t" {
  for_each = toset(["a", "b"])
  backend = "local"
  config  = { path = "x.tfstate" }
}
resource "terraform_data" "r" {
  input = 1
}
