data "terraform_remote_state" "net" {
  backend = "local"
  config = {
    path = "nope.tfstate"
  }
}
