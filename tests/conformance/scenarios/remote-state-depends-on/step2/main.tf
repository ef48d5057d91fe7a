resource "terraform_data" "p" {
  input = 1
}
data "terraform_remote_state" "net" {
  backend = "local"
  config = {
    path = "net.tfstate"
  }
  depends_on = [terraform_data.p]
}
resource "terraform_data" "q" {
  input = data.terraform_remote_state.net.outputs
}
