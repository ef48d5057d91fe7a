data "terraform_remote_state" "s" {
  count = 2
  backend = "local"
  config  = { path = "x.tfstate" }
}
