resource "terraform_data" "y" {}
moved {
  from = terraform_data.z
  to = terraform_data.y
}
