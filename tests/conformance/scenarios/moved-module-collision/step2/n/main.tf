resource "terraform_data" "a" {
  input = "a"
}
module "inner" {
  source = "../m"
}
