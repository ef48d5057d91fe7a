data "terraform_remote_state" "net" {
  backend = "nope"
}
