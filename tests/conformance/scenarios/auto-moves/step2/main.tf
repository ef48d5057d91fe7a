resource "terraform_data" "a" {
  count = 2
  input = 1
}
resource "terraform_data" "b" {
  input = 1
}
module "m" {
  source = "./m"
  count  = 1
}
module "n" {
  source = "./m"
}
