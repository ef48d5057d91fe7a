module "m" {
  source = "./m"
  v      = terraform_data.x.output
}
resource "terraform_data" "x" {
  input = "v"
}
